// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Why a run is done and what it shall show, for its record. Nothing of it changes the training; all
 * of it may be left out. Keys on disk are the component names in snake case.
 *
 * @param version the number of the experiment, such as {@code 1.4.6}; empty if it has none
 * @param description what is trained, in a sentence
 * @param question what the run shall answer
 * @param hypotheses what is expected, each a sentence that the run can confirm or refute
 * @param decisions what was chosen among which options, and why
 * @param goals numbers that the run shall reach
 * @param baseline the run, or the version of the experiment, that this one is compared with; empty
 *     if there is none
 * @param prompts beginnings that the trained model continues, the same in all runs that are
 *     compared; empty for beginnings of held-out documents
 * @param facts a file of facts, or a folder with one, that the trained model is asked for; empty
 *     for none
 * @param nextSteps what is planned after this run
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ExperimentConfig(
    String version,
    String description,
    String question,
    List<String> hypotheses,
    List<Decision> decisions,
    List<Goal> goals,
    String baseline,
    List<String> prompts,
    String facts,
    List<String> nextSteps) {

  /** A run without a record of its own. */
  public static final ExperimentConfig NONE =
      new ExperimentConfig(null, null, null, null, null, null, null, null, null, null);

  /** Copies the lists; what is null is empty. */
  public ExperimentConfig {
    version = orEmpty(version);
    description = orEmpty(description);
    question = orEmpty(question);
    hypotheses = orEmpty(hypotheses);
    decisions = orEmpty(decisions);
    goals = orEmpty(goals);
    baseline = orEmpty(baseline);
    prompts = orEmpty(prompts);
    facts = orEmpty(facts);
    Faults faults = new Faults("experiment");
    faults.path("facts", facts);
    faults.throwIfAny();
    nextSteps = orEmpty(nextSteps);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /**
   * A decision.
   *
   * @param subject what was decided, such as {@code memory_store}
   * @param options what could have been chosen; may be empty
   * @param chosen what was chosen; one of the options where there are any
   * @param reason why
   */
  @JsonDeserialize(builder = DecisionBuilder.class)
  public record Decision(String subject, List<String> options, String chosen, String reason) {
    /**
     * Checks all values.
     *
     * @throws org.mneme.compute.UserException naming each key that is wrong
     */
    public Decision {
      options = orEmpty(options);
      Faults faults = new Faults("decision");
      faults.expect(given(subject), "subject", subject, "what was decided");
      faults.expect(given(chosen), "chosen", chosen, "what was chosen");
      faults.expect(given(reason), "reason", reason, "why it was chosen");
      boolean known = options.isEmpty() || chosen == null || options.contains(chosen);
      faults.expect(known, "chosen", chosen, "one of the options " + options);
      faults.throwIfAny();
    }

    private static boolean given(String text) {
      return text != null && !text.isBlank();
    }
  }

  /**
   * A number that the run shall reach: at most, or at least, some value.
   *
   * @param metric {@code EVENT.KEY} of {@code metrics.jsonl}, of which the last value counts, such
   *     as {@code validation.perplexity}; or {@code evaluation.KEY} of {@code evaluation.json}
   * @param atMost largest value that is good; null where there is a least one
   * @param atLeast least value that is good; null where there is a largest one
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonDeserialize(builder = GoalBuilder.class)
  public record Goal(String metric, Double atMost, Double atLeast) {
    private static final Pattern METRIC = Pattern.compile("[a-z0-9_]+(\\.[a-z0-9_]+)+");

    /**
     * Checks all values.
     *
     * @throws org.mneme.compute.UserException naming each key that is wrong
     */
    public Goal {
      Faults faults = new Faults("goal");
      boolean named = metric != null && METRIC.matcher(metric).matches();
      faults.expect(named, "metric", metric, "EVENT.KEY, such as validation.loss");
      boolean one = (atMost == null) != (atLeast == null);
      faults.expect(one, "at_most and at_least", atMost + " and " + atLeast, "one of them");
      Double bound = atMost == null ? atLeast : atMost;
      faults.expect(bound == null || Double.isFinite(bound), "bound", bound, "a finite number");
      faults.throwIfAny();
    }

    /** A goal with a largest good value. */
    public static Goal atMost(String metric, double value) {
      return new Goal(metric, value, null);
    }

    /** A goal with a least good value. */
    public static Goal atLeast(String metric, double value) {
      return new Goal(metric, null, value);
    }

    /** Whether a value reaches the goal; one that is not a number does not. */
    public boolean isMetBy(double value) {
      return atMost != null ? value <= atMost : value >= atLeast;
    }

    /** The goal for a person, such as {@code validation.loss ≤ 2.5}. */
    @JsonIgnore
    public String text() {
      return String.format(
          Locale.ROOT,
          "%s %s %s",
          metric,
          atMost == null ? "≥" : "≤",
          atMost == null ? atLeast : atMost);
    }
  }

  // Jackson makes records last, and so would tell of a key that is missing before it tells of the
  // unknown one that was meant to be it. Builders hear of each key in its turn.

  @JsonPOJOBuilder(withPrefix = "")
  static final class DecisionBuilder {
    private String subject;
    private List<String> options;
    private String chosen;
    private String reason;

    DecisionBuilder subject(String value) {
      subject = value;
      return this;
    }

    DecisionBuilder options(List<String> value) {
      options = value;
      return this;
    }

    DecisionBuilder chosen(String value) {
      chosen = value;
      return this;
    }

    DecisionBuilder reason(String value) {
      reason = value;
      return this;
    }

    Decision build() {
      return new Decision(subject, options, chosen, reason);
    }
  }

  @JsonPOJOBuilder(withPrefix = "")
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  static final class GoalBuilder {
    private String metric;
    private Double atMost;
    private Double atLeast;

    GoalBuilder metric(String value) {
      metric = value;
      return this;
    }

    GoalBuilder atMost(Double value) {
      atMost = value;
      return this;
    }

    GoalBuilder atLeast(Double value) {
      atLeast = value;
      return this;
    }

    Goal build() {
      return new Goal(metric, atMost, atLeast);
    }
  }
}
