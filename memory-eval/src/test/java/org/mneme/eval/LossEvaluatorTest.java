// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.TinyModels.Selected;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

class LossEvaluatorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();
  private static final List<String> TEXTS =
      List.of(
          "a domestic animal",
          "",
          "of",
          "a text that is longer than the model and so is cut into three windows or more",
          "the quick brown fox");

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void isTheMeanOverAllTargets(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      double sum = 0;
      long tokens = 0;
      for (String text : TEXTS) {
        int[] wrapped = TinyModels.wrap(text);
        int place = 1;
        for (int[] window : TinyModels.windows(text)) {
          for (float[] logits : TinyModels.logits(model, window)) {
            sum += negativeLogLikelihood(logits, wrapped[place++]);
            tokens++;
          }
        }
        assertThat(place).isEqualTo(wrapped.length);
      }

      LossResult result = new LossEvaluator(model).evaluate(TEXTS, CODEC, 2);

      assertThat(result.tokens()).isEqualTo(tokens);
      assertThat(result.loss()).isCloseTo(sum / tokens, within(1e-4));
      assertThat(result.perplexity()).isEqualTo(Math.exp(result.loss()));
      assertThat(result.usage().isPresent()).isEqualTo(model.config().hasMemory());
    }
  }

  private static double negativeLogLikelihood(float[] logits, int target) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((double) logit - logits[target]);
    }
    return Math.log(sum);
  }

  @Test
  void doesNotDependOnTheBatchSize() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      LossEvaluator evaluator = new LossEvaluator(model);
      LossResult one = evaluator.evaluate(TEXTS, CODEC, 1);

      for (int batchSize : new int[] {2, 3, 8}) {
        LossResult other = evaluator.evaluate(TEXTS, CODEC, batchSize);
        assertThat(other.loss()).isCloseTo(one.loss(), within(1e-5));
        assertThat(other.tokens()).isEqualTo(one.tokens());
        assertThat(other.usage()).isEqualTo(one.usage());
      }
      assertThat(evaluator.evaluate(TEXTS, CODEC, 3))
          .isEqualTo(evaluator.evaluate(TEXTS, CODEC, 3));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "BESIDE"})
  void countsUsesAtTargetsOnly(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      int[] any = new int[model.config().knowledgeNum()];
      int[] first = new int[any.length];
      for (String text : TEXTS) {
        for (int[] window : TinyModels.windows(text)) {
          for (Selected selected : TinyModels.selections(model, window)) {
            any[selected.entry()]++;
            first[selected.entry()] += selected.slot() == 0 ? 1 : 0;
          }
        }
      }

      LossResult result = new LossEvaluator(model).evaluate(TEXTS, CODEC, 4);

      UsageStatistics expected = UsageStatistics.of(any, first, 100);
      assertThat(result.usage()).contains(expected);
    }
  }

  @Test
  void takesPreparedBatches() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.GATED_MLP)) {
      LossEvaluator evaluator = new LossEvaluator(model);
      int masked = TokenBatch.MASKED;
      TokenBatch all = new TokenBatch(new int[] {1, 70, 71}, new int[] {70, 71, 2}, 1, 3);
      TokenBatch padded =
          new TokenBatch(
              new int[] {1, 70, 71, 0, 9, 9, 9, 9},
              new int[] {70, 71, 2, masked, masked, masked, masked, masked},
              2,
              4);
      TokenBatch nothing = new TokenBatch(new int[2], new int[] {masked, masked}, 1, 2);

      LossResult one = evaluator.evaluate(List.of(all));
      LossResult two = evaluator.evaluate(List.of(padded, nothing));

      assertThat(one.tokens()).isEqualTo(3);
      assertThat(two.tokens()).isEqualTo(3);
      assertThat(two.loss()).isCloseTo(one.loss(), within(1e-5));
      assertThat(two.usage()).isEqualTo(one.usage());
      assertThat(one.usage().orElseThrow().selections()).isEqualTo(3 * 3 * 2);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"CROSS_ATTENTION", "GATED_MLP", "EMA_VECTOR", "BESIDE"})
  void withoutReadsIsTheLossWithAnEmptyMemory(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      device.random().normal(model.memory().orElseThrow().bank(), 0, 5, 1);
      LossEvaluator evaluator = new LossEvaluator(model);
      double with = evaluator.evaluate(TEXTS, CODEC, 4).loss();
      double without = evaluator.withoutReads(TEXTS, CODEC, 4);

      assertThat(evaluator.evaluate(TEXTS, CODEC, 4).loss()).isEqualTo(with);
      device.transfer().fill(model.memory().orElseThrow().bank(), 0);
      assertThat(evaluator.evaluate(TEXTS, CODEC, 4).loss()).isEqualTo(without).isNotEqualTo(with);
    }
  }

  @Test
  void refusesWhatHasNoAnswer() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      LossEvaluator evaluator = new LossEvaluator(model);

      assertThatThrownBy(() -> evaluator.evaluate(List.of(), CODEC, 4))
          .isInstanceOf(UserException.class)
          .hasMessage("evaluation: found no tokens, expected at least one document");
      assertThatThrownBy(() -> evaluator.withoutReads(TEXTS, CODEC, 4))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no memory");
      int[] outside = {1, 259};
      TokenBatch batch = new TokenBatch(outside, Arrays.copyOf(outside, 2), 1, 2);
      assertThatThrownBy(() -> evaluator.evaluate(List.of(batch)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("259");
    }
  }
}
