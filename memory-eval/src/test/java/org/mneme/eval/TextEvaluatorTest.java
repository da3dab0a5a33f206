// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.Lists;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.report.MemoryUsage;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

class TextEvaluatorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();
  private static final List<String> TEXTS =
      List.of("a domestic animal", "caf\u00e9", "a text that is longer than the model by far");

  @Test
  void bitsPerByteAreThoseOfTheWholeText() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      TextEvaluation text = new TextEvaluator(model, CODEC).evaluate("here", TEXTS, 2);
      LossResult loss = new LossEvaluator(model).evaluate(TEXTS, CODEC, 2);
      // Every byte is a target, and each document's end.
      assertThat(text.bytes()).isEqualTo(17 + 5 + 43);
      assertThat(text.tokens()).isEqualTo(text.bytes() + 3);
      assertThat(text.loss()).isEqualTo(loss.loss());
      double bits = loss.loss() * loss.tokens() / Math.log(2);
      assertThat(text.bitsPerByte()).isCloseTo(bits / text.bytes(), within(1e-9));
      assertThat(text.usage().usedAny()).isEqualTo(loss.usage().orElseThrow().usedAny());
      assertThat(text.lossWithoutReads())
          .isEqualTo(new LossEvaluator(model).withoutReads(TEXTS, CODEC, 2));
      MemoryUse use = text.usage();
      assertThat(text.reported(64))
          .contains(
              new MemoryUsage(
                  64,
                  use.usedAny(),
                  use.usedTop1(),
                  use.klToUniform(),
                  use.entropy(),
                  use.gini(),
                  use.dead(),
                  text.lossWithoutReads()));
    }
  }

  @Test
  void preparedBatchesGiveTheSame() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      TextEvaluator evaluator = new TextEvaluator(model, CODEC);
      List<TokenBatch> batches =
          Lists.newArrayList(new TextWindows(model, CODEC, TEXTS.subList(0, 2), 2)).stream()
              .map(WindowBatch::tokens)
              .toList();
      TextEvaluation text = evaluator.evaluate("here", batches);
      assertThat(text).isEqualTo(evaluator.evaluate("here", TEXTS.subList(0, 2), 2));
      assertThat(text.lossWithoutReads()).isNull();
      assertThat(text.usage()).isNull();
      assertThat(text.reported(0)).isEmpty();
    }
  }
}
