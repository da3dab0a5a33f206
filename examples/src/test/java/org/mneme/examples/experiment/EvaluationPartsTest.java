// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.TextEvaluation;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;

class EvaluationPartsTest {
  private static final TextEvaluation TEXT =
      new TextEvaluation("some text", 2.5, 12.2, 1.25, 100, 400, null, null);
  private static final MemoryUse USE = new MemoryUse(7L, 0.5, 0.25, 1.5, 2.5, 0.75, 32, null);

  private final List<Evaluation> kept = new ArrayList<>();

  @Test
  void aPartThatFailsLeavesTheOthers() {
    ModelConfig config =
        ModelConfig.builder()
            .vocabSize(16)
            .dim(8)
            .nLayers(1)
            .nHeads(1)
            .nKvHeads(1)
            .maxSeqLen(4)
            .build();
    try (Device device = Devices.open();
        LanguageModel model = LanguageModel.create(device, config, 1)) {
      Evaluation evaluation =
          new EvaluationParts(Evaluation.of(model, "step-7"), kept::add)
              .add(Evaluation.TEXT, part -> part.text(TEXT))
              .add(
                  Evaluation.FACTS,
                  part -> {
                    throw new UserException("facts.jsonl: no such file");
                  })
              .add(
                  Evaluation.GENERATION,
                  part -> {
                    throw new IllegalStateException("a fault of ours");
                  })
              .add("usage_over_time", part -> part.usageOverTime(List.of(USE)))
              .measure();

      assertThat(kept).as("kept after each part").hasSize(5).last().isEqualTo(evaluation);
      assertThat(kept.get(0).unmeasured()).as("a killed evaluation says so").hasSize(4);
      assertThat(kept.get(1).text()).isEqualTo(TEXT);
      assertThat(kept.get(1).unmeasured()).doesNotContainKey(Evaluation.TEXT);
      assertThat(evaluation.usageOverTime()).containsExactly(USE);
      assertThat(evaluation.unmeasured())
          .isEqualTo(
              Map.of(
                  Evaluation.FACTS,
                  "facts.jsonl: no such file",
                  Evaluation.GENERATION,
                  "java.lang.IllegalStateException: a fault of ours"));
      assertThatThrownBy(() -> EvaluationParts.requireComplete(evaluation, "./mneme eval RUN"))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("facts: facts.jsonl: no such file")
          .hasMessageContaining("'./mneme eval RUN' measures again");
    }
  }
}
