// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.BatchConfig;

/** The hyper-parameters of the published records. */
class PublishedRunsTest {
  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void allAreOfOneSize(PublishedSystem system) {
    RunConfig run = PublishedRuns.of(system);
    assertThat(run.model().dim()).isEqualTo(512);
    assertThat(run.model().nLayers()).isEqualTo(8);
    assertThat(run.model().nHeads()).isEqualTo(32);
    assertThat(run.model().maxSeqLen()).isEqualTo(512);
    assertThat(run.model().vocabSize()).isEqualTo(6400);
    assertThat(run.train().learningRate()).isEqualTo(2e-4);
    assertThat(run.train().gradClip()).isEqualTo(1.0);
    assertThat(run.train().epochs()).isEqualTo(3);
    assertThat(run.train().warmupIters()).isZero();
    assertThat(run.data().packing()).isEqualTo(BatchConfig.Form.PADDED);
  }

  @Test
  void learnedVectorsAre65536Of128() {
    RunConfig run = PublishedRuns.of(PublishedSystem.GATED_MLP);
    ModelConfig model = run.model();
    assertThat(model.memoryStore()).isEqualTo(MemoryStore.LEARNED);
    assertThat(model.memoryFusion()).isEqualTo(MemoryFusion.GATED_MLP);
    assertThat(model.knowledgeNum()).isEqualTo(65_536);
    assertThat(model.knowledgeDim()).isEqualTo(128);
    assertThat(model.numSelected()).isEqualTo(8);
    assertThat(run.train().batchSize()).isEqualTo(64);
    assertThat(run.train().accumulationSteps()).isEqualTo(8);
    assertThat(run.train().logInterval()).isEqualTo(1);
    assertThat(run.train().saveInterval()).isEqualTo(10_000);
    assertThat(PublishedRuns.of(PublishedSystem.CROSS_ATTENTION).model().memoryFusion())
        .isEqualTo(MemoryFusion.CROSS_ATTENTION);
  }

  @Test
  void emaVectorsMoveAtEveryStep() {
    ModelConfig model = PublishedRuns.of(PublishedSystem.EMA_VECTOR).model();
    assertThat(model.memoryStore()).isEqualTo(MemoryStore.EMA_VECTOR);
    assertThat(model.emaDecay()).isEqualTo(0.999);
    assertThat(model.emaUpdateFreq()).isEqualTo(1);
  }

  @Test
  void tokenEntriesAreAMillionOfEight() {
    RunConfig run = PublishedRuns.of(PublishedSystem.EMA_TOKEN);
    ModelConfig model = run.model();
    assertThat(model.memoryStore()).isEqualTo(MemoryStore.EMA_TOKEN);
    assertThat(model.knowledgeNum()).isEqualTo(1_048_576);
    assertThat(model.knowledgeLength()).isEqualTo(8);
    assertThat(model.emaRule()).isEqualTo(EmaRule.PUBLISHED);
    assertThat(model.emaDecay()).isEqualTo(0.9);
    assertThat(model.emaUpdateFreq()).isEqualTo(5);
    assertThat(model.balanceLossCoef()).isEqualTo(0.1);
    assertThat(run.train().batchSize()).isEqualTo(48);
    assertThat(run.train().accumulationSteps()).isEqualTo(12);
  }
}
