// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.quickstart;

import java.nio.file.Path;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchConfig;

/**
 * Every hyper-parameter of the quickstart, and why it is what it is.
 *
 * @param systems which are pretrained
 * @param steps optimiser steps of each
 * @param dtype type to compute with
 */
record QuickstartPlan(List<PublishedSystem> systems, long steps, DType dtype) {
  /** Small, so that embeddings and logits of a small model stay small. */
  static final int VOCABULARY = 4096;

  /** The baseline, learned vectors, and tokens that a person can read, addressed in two ways. */
  static final List<PublishedSystem> SYSTEMS =
      List.of(
          PublishedSystem.ORIGINAL,
          PublishedSystem.GATED_MLP,
          PublishedSystem.EMA_TOKEN,
          PublishedSystem.CONTEXT);

  /** What the trained models continue. */
  static final List<String> PROMPTS =
      List.of("lantern:", "a small river", "happiness: ", "run, walk:");

  /** Small enough for four trainings in a few minutes on two cores. */
  private static ModelConfig model(PublishedSystem system, int vocabulary) {
    ModelConfigBuilder model = sized(system.config(), vocabulary);
    if (system == PublishedSystem.CONTEXT) {
      // A table of any size costs no operations: room for each context.
      model.memoryLayers(List.of(1, 3)).knowledgeNum(1_048_576).knowledgeLength(4);
    }
    return model.build();
  }

  private static ModelConfigBuilder sized(ModelConfigBuilder model, int vocabulary) {
    return model
        .vocabSize(vocabulary)
        .dim(128)
        .nLayers(4)
        .nHeads(4)
        .nKvHeads(2)
        .maxSeqLen(64) // twice the length of a definition
        .knowledgeNum(16_384)
        .knowledgeLength(8)
        .knowledgeDim(64);
  }

  RunConfig run(PublishedSystem system, int vocabulary, Path shards) {
    boolean tokens = system == PublishedSystem.EMA_TOKEN;
    TrainConfig train =
        TrainConfig.builder()
            .maxSteps(steps)
            .epochs(0)
            .batchSize(16) // 1,024 tokens a step: many small steps learn faster than few large ones
            .accumulationSteps(1)
            .learningRate(3e-3) // ten times the published one: the models are that much smaller
            .warmupIters(20)
            .beta2(0.95)
            .evalInterval((int) Math.max(1, steps / 8))
            .evalBatches(32)
            .logInterval(5)
            .saveInterval(0)
            .dtype(dtype)
            .memoryInit(tokens ? MemoryInit.TEXT : MemoryInit.RANDOM)
            .build();
    DataConfig data =
        DataConfig.builder()
            .packing(BatchConfig.Form.PACKED)
            .validationFraction(0.02)
            .shards(shards.toString())
            .build();
    return new RunConfig(model(system, vocabulary), train, data);
  }
}
