// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.ParameterCount;
import org.mneme.eval.TinyModels;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.SelectionObserver;

class FactsEvaluatorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();
  private static final FactsConfig ALL = new FactsConfig(0, 100);
  private static final List<String> TOWNS = List.of("Ayr", "Ely", "Bath", "Cowes", "Deal");

  private static List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    for (int person = 0; person < 10; person++) {
      String name = "P" + person;
      String town = TOWNS.get(person * 7 % TOWNS.size());
      facts.add(new Fact(name, "town", town, name + " is of", Phrasing.TRAIN, 8));
      facts.add(new Fact(name, "town", town, "home of " + name, Phrasing.HELD_OUT, 8));
      facts.add(new Fact(name, "sign", person % 2 == 0 ? "x" : "y", name, Phrasing.TRAIN, 2));
    }
    return facts;
  }

  private static FactsEvaluation evaluate(
      LanguageModel model, List<Fact> facts, FactsConfig config) {
    return new FactsEvaluator(model, CODEC).evaluate("facts", facts, config);
  }

  /** The answer's log-probability by a forward pass of its own. */
  private static double logProbability(LanguageModel model, Fact fact, String value) {
    int[] prompt = CODEC.encode(fact.prompt());
    int[] all = TinyModels.wrap(fact.prompt() + " " + value);
    int[] inputs = Arrays.copyOf(all, all.length - 2);
    float[][] logits = TinyModels.logits(model, inputs);
    double sum = 0;
    for (int t = prompt.length; t < inputs.length; t++) {
      double total = 0;
      for (float logit : logits[t]) {
        total += Math.exp(logit - logits[t][all[t + 1]]);
      }
      sum -= Math.log(total);
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void scoresAreThoseOfPassesOfTheirOwn(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      FactsEvaluation evaluation = evaluate(model, facts(), ALL);
      assertThat(evaluation.people()).isEqualTo(10);
      assertThat(evaluation.peopleAsked()).isEqualTo(10);
      assertThat(evaluation.withoutReads()).hasSize(model.config().hasMemory() ? 2 : 0);

      PhrasingScore heldOut = evaluation.phrasings().get(1);
      List<Fact> asked =
          facts().stream().filter(fact -> fact.phrasing() == Phrasing.HELD_OUT).toList();
      double sum = 0;
      double ranks = 0;
      for (Fact fact : asked) {
        double right = logProbability(model, fact, fact.value());
        sum += right;
        ranks += TOWNS.stream().filter(t -> logProbability(model, fact, t) >= right).count();
      }
      AttributeScore town = heldOut.attributes().get(0);
      assertThat(town.questions()).isEqualTo(10);
      assertThat(town.candidates()).isEqualTo(5);
      assertThat(town.logProbability()).isCloseTo(sum / 10, within(1e-3));
      assertThat(town.meanRank()).isCloseTo(ranks / 10, within(1e-9));
      assertThat(town.possibleBits()).isCloseTo(10 * 3, within(1e-9));
    }
  }

  /** What the model writes by itself, and the same with another token at its end or beginning. */
  @Test
  void recallIsWhatGreedyDecodingGives() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      TextGenerator generator = new TextGenerator(model, CODEC);
      List<Continuation> continuations = new ArrayList<>();
      for (String prompt : List.of("a", "on it", "why so")) {
        SamplingConfig four = SamplingConfig.greedy(4).toBuilder().stopAtEnd(false).build();
        List<Integer> written = generator.generate(prompt, four).tokens();
        continuations.add(continuation(prompt, written));
        continuations.add(continuation(prompt, changed(written, 3)));
        continuations.add(continuation(prompt, changed(written, 0)));
      }
      boolean[] greedy =
          new ContinuationScorer(model, CODEC, SelectionObserver.NONE).areGreedy(continuations);
      assertThat(greedy)
          .containsExactly(true, false, false, true, false, false, true, false, false);
    }
  }

  private static List<Integer> changed(List<Integer> tokens, int place) {
    List<Integer> changed = new ArrayList<>(tokens);
    changed.set(place, (tokens.get(place) + 1) % ByteCodec.VOCABULARY);
    return changed;
  }

  private static Continuation continuation(String prompt, List<Integer> answer) {
    int[] begun = TinyModels.wrap(prompt);
    int[] tokens = Arrays.copyOf(begun, begun.length - 1 + answer.size());
    for (int i = 0; i < answer.size(); i++) {
      tokens[begun.length - 1 + i] = answer.get(i);
    }
    return new Continuation(tokens, begun.length - 1);
  }

  @Test
  void readsSetToZeroChangeTheScores() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      device.random().normal(model.embeddings().master(), 0, 1, 9);
      FactsEvaluation evaluation = evaluate(model, facts(), ALL);
      assertThat(evaluation.withoutReads().get(0).logProbability())
          .isNotCloseTo(evaluation.phrasings().get(0).logProbability(), within(1e-3));
    }
  }

  @Test
  void asksSomePeopleAndRanksAmongSome() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      FactsEvaluation evaluation = evaluate(model, facts(), new FactsConfig(4, 3));
      assertThat(evaluation.people()).isEqualTo(10);
      assertThat(evaluation.peopleAsked()).isEqualTo(4);
      PhrasingScore train = evaluation.phrasings().get(0);
      assertThat(train.questions()).isEqualTo(8);
      assertThat(train.attributes()).extracting(AttributeScore::candidates).containsExactly(3, 2);
      assertThat(train.possibleBits()).isCloseTo(10 * 4, within(1e-9));
      assertThat(evaluate(model, facts(), new FactsConfig(4, 3))).isEqualTo(evaluation);
    }
  }

  @Test
  void bitsAreWhatTheModelSavesOverOneWhoKnowsNothing() {
    Fact fact = new Fact("P", "town", "Ayr", "P is of", Phrasing.TRAIN, 8);
    Fact other = new Fact("P", "sign", "x", "P", Phrasing.TRAIN, 2);
    List<PhrasingScore> scores =
        new Scores(1000, 500)
            .of(
                List.of(
                    new FactAnswer(fact, true, 1, 5, -Math.log(2)),
                    new FactAnswer(fact, false, 4, 5, -Math.log(8)),
                    new FactAnswer(other, false, 2, 2, -9)));
    assertThat(scores).hasSize(1);
    PhrasingScore score = scores.get(0);
    // Two bits are needed on average for one of eight towns, which leaves one; more than the one
    // bit that there is for the sign, which leaves nothing.
    assertThat(score.bits()).isCloseTo(1000, within(1e-6));
    assertThat(score.attributes()).extracting(AttributeScore::bits).element(1).isEqualTo(0.0);
    assertThat(score.possibleBits()).isCloseTo(4000, within(1e-6));
    assertThat(score.bitsPerParameter()).isCloseTo(2, within(1e-9));
    assertThat(score.exactRecall()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(score.rankedFirst()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(score.meanRank()).isCloseTo(7 / 3.0, within(1e-9));
  }

  @Test
  void countsTheEntriesThatTheOptimiserDoesNotMove() {
    try (LanguageModel tokens = TinyModels.create(device, PublishedSystem.EMA_TOKEN);
        LanguageModel learned = TinyModels.create(device, PublishedSystem.GATED_MLP)) {
      ParameterCount count = ParameterCount.of(tokens);
      assertThat(count.total() - count.trainable()).isEqualTo(64 * 3);
      assertThat(ParameterCount.of(learned).total())
          .isEqualTo(ParameterCount.of(learned).trainable());
    }
  }

  @Test
  void refusesWhatIsLongerThanTheModel() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      Fact fact = new Fact("P", "town", "Ayr", "a prompt of many letters", Phrasing.TRAIN, 8);
      assertThatThrownBy(() -> evaluate(model, List.of(fact), ALL))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("expected at most 24, the model's max_seq_len, got 28");
    }
  }
}
