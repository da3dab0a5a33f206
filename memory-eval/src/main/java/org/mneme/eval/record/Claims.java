// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a configuration states that the run shall show, with conditions that can be checked. */
final class Claims {
  private static final Splitter CONJUNCTION = Splitter.onPattern("\\band\\b|,");
  private static final Pattern WITH_CONDITIONS =
      Pattern.compile("(.*?)\\s*\\[([^\\[\\]]+)]\\s*[.]?\\s*", Pattern.DOTALL);

  /** Brackets with one of these are meant as conditions, others as text. */
  private static final Pattern COMPARES = Pattern.compile("[<>=≤≥]");

  private Claims() {}

  /**
   * A statement.
   *
   * @param text the statement
   * @param conditions all of which must hold; empty if nothing can be checked
   * @param fault the condition in brackets that cannot be read; empty if there is none
   */
  record Claim(String text, List<Criterion> conditions, String fault) {}

  /**
   * The hypotheses. One that ends with conditions in brackets can be decided: {@code The memory is
   * used [knock_out > 0.05 and validation_loss < baseline]}.
   */
  static List<Claim> hypotheses(RecordedRun run) {
    return RunRecord.texts(run.config().path("experiment").path("hypotheses")).stream()
        .map(Claims::hypothesis)
        .toList();
  }

  private static Claim hypothesis(String text) {
    Matcher matcher = WITH_CONDITIONS.matcher(text);
    if (!matcher.matches()) {
      return new Claim(text, List.of(), "");
    }
    List<Criterion> conditions = new ArrayList<>();
    for (String part : CONJUNCTION.split(matcher.group(2))) {
      Optional<Criterion> condition = Criterion.parse(part);
      if (condition.isEmpty()) {
        boolean meant = COMPARES.matcher(matcher.group(2)).find();
        return new Claim(text, List.of(), meant ? part.strip() : "");
      }
      conditions.add(condition.get());
    }
    return new Claim(matcher.group(1), conditions, "");
  }

  /** The goals: a metric that shall be at most, or at least, some number. */
  static List<Criterion> goals(RecordedRun run) {
    List<Criterion> goals = new ArrayList<>();
    for (JsonNode goal : run.config().path("experiment").path("goals")) {
      String metric = goal.path("metric").asText();
      if (goal.path("at_most").isNumber()) {
        goals.add(new Criterion(metric, "≤", false, goal.path("at_most").doubleValue()));
      }
      if (goal.path("at_least").isNumber()) {
        goals.add(new Criterion(metric, "≥", false, goal.path("at_least").doubleValue()));
      }
    }
    return goals;
  }
}
