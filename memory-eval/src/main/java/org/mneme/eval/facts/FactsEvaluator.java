// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.mneme.eval.ParameterCount;
import org.mneme.eval.SilencedReads;
import org.mneme.eval.TextWindows;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.layers.SelectionObserver;

/**
 * Asks a model for facts, with its memory and without. Equal model, facts and configuration give
 * equal numbers.
 */
public final class FactsEvaluator {
  private final LanguageModel model;
  private final TextCodec codec;

  /**
   * An evaluator of a model and its tokenizer.
   *
   * @throws org.mneme.compute.UserException if the tokenizer has ids that the model does not know
   */
  public FactsEvaluator(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.codec = TextWindows.checked(codec, model);
  }

  /**
   * Asks.
   *
   * @param source where the facts are from, for the record
   * @param facts at least one
   * @throws org.mneme.compute.UserException if a prompt with an answer is longer than the model
   */
  public FactsEvaluation evaluate(String source, List<Fact> facts, FactsConfig config) {
    Set<String> people = people(facts);
    Set<String> asked = spread(new ArrayList<>(people), config.people());
    List<Fact> questions = questions(facts, asked);
    Candidates candidates = new Candidates(facts, config.candidates());
    Scores scores = new Scores(people.size(), ParameterCount.of(model).total());
    return new FactsEvaluation(
        source,
        people.size(),
        asked.size(),
        scores.of(ask(questions, candidates, SelectionObserver.NONE)),
        model.memory().isPresent()
            ? scores.of(ask(questions, candidates, new SilencedReads()))
            : List.of());
  }

  /**
   * Checks that a model can be asked, without one: before a training, say, that ends with
   * questions.
   *
   * @param facts at least one
   * @param longestSequence the model's {@code max_seq_len}, at least 1
   * @throws org.mneme.compute.UserException if a prompt with an answer is longer
   */
  public static void requireFit(
      List<Fact> facts, FactsConfig config, TextCodec codec, int longestSequence) {
    Set<String> asked = spread(new ArrayList<>(people(facts)), config.people());
    FactTokens tokens =
        new FactTokens(codec, new Candidates(facts, config.candidates()), longestSequence);
    questions(facts, asked).forEach(tokens::continuations);
  }

  private static Set<String> people(List<Fact> facts) {
    return facts.stream().map(Fact::person).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static List<Fact> questions(List<Fact> facts, Set<String> asked) {
    return facts.stream().filter(fact -> asked.contains(fact.person())).toList();
  }

  private List<FactAnswer> ask(
      List<Fact> questions, Candidates candidates, SelectionObserver observer) {
    return new Questioner(model, codec, candidates, observer).ask(questions);
  }

  private static Set<String> spread(List<String> people, int most) {
    int count = most == 0 ? people.size() : Math.min(most, people.size());
    Set<String> chosen = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      chosen.add(people.get((int) ((long) i * people.size() / count)));
    }
    return chosen;
  }
}
