// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.TinyModels;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

class GenerationEvaluatorTest extends OnDevice {
  private static final List<String> PROMPTS = List.of("a b", "the");
  private static final SamplingConfig SAMPLING =
      SamplingConfig.builder().seed(3).maxTokens(9).build();

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void writesWithTheMemoryAndWithout(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      GenerationEvaluator evaluator = new GenerationEvaluator(model, new ByteCodec());
      GenerationEvaluation first = evaluator.evaluate(PROMPTS, 3, SAMPLING);
      assertThat(first.metrics().texts()).isEqualTo(6);
      assertThat(first.samples()).hasSize(2);
      assertThat(evaluator.evaluate(PROMPTS, 3, SAMPLING)).isEqualTo(first);
      boolean memory = model.config().hasMemory();
      assertThat(first.withoutReads() != null).isEqualTo(memory);
      assertThat(first.samplesWithoutReads()).hasSize(memory ? 2 : 0);
    }
  }

  @Test
  void readsSetToZeroChangeWhatIsWritten() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      device.random().normal(model.embeddings().master(), 0, 1, 9);
      GenerationEvaluation evaluation =
          new GenerationEvaluator(model, new ByteCodec()).evaluate(PROMPTS, 1, SAMPLING);
      assertThat(evaluation.samplesWithoutReads()).isNotEqualTo(evaluation.samples());
    }
  }

  @Test
  void eachTextOfAPromptHasASeedOfItsOwn() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      GenerationEvaluator evaluator = new GenerationEvaluator(model, new ByteCodec());
      GenerationEvaluation one = evaluator.evaluate(List.of("the"), 1, SAMPLING);
      GenerationEvaluation two = evaluator.evaluate(List.of("the"), 2, SAMPLING);
      assertThat(two.samples()).isEqualTo(one.samples());
      assertThat(two.metrics().selfBleu()).isLessThan(1);
    }
  }
}
