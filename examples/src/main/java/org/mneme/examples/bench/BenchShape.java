// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.List;
import java.util.stream.Stream;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;

/**
 * The sizes of the models that are timed.
 *
 * @param dim width
 * @param layers blocks
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param hidden width of feed-forward layers, or {@link #BY_WIDTH}
 * @param sequence positions of a sequence
 * @param batch sequences of a step
 * @param vocabulary tokens
 * @param published whether memories are as large, and beside as few, as in the published runs; else
 *     all have the entries of the smallest, and beside has a memory in every block
 */
record BenchShape(
    int dim,
    int layers,
    int heads,
    int kvHeads,
    int hidden,
    int sequence,
    int batch,
    int vocabulary,
    boolean published) {
  static final int EMA_EVERY = 5;

  /** The hidden width that follows from the width of the model. */
  static final int BY_WIDTH = 0;

  private static final int FEW_ENTRIES = 65_536;
  private static final int MANY_ENTRIES = 1_048_576;
  private static final int MOST_ENTRIES = 16_777_216;

  /** The memory entries of a system if none are asked for. */
  int entries(PublishedSystem system) {
    return switch (system) {
      case ORIGINAL, CROSS_ATTENTION, GATED_MLP -> FEW_ENTRIES;
      case EMA_VECTOR, EMA_TOKEN, BESIDE -> published ? MANY_ENTRIES : FEW_ENTRIES;
      case CONTEXT -> published ? MOST_ENTRIES : FEW_ENTRIES;
    };
  }

  ModelConfig config(PublishedSystem system, int entries) {
    ModelConfigBuilder builder =
        system
            .config()
            .dim(dim)
            .nLayers(layers)
            .nHeads(heads)
            .nKvHeads(kvHeads)
            .hiddenDim(hidden)
            .maxSeqLen(sequence)
            .vocabSize(vocabulary)
            .knowledgeNum(entries)
            .knowledgeLength(system == PublishedSystem.CONTEXT ? 4 : 8)
            .emaUpdateFreq(EMA_EVERY);
    if (published && builder.build().memoryFusion() == MemoryFusion.BESIDE) {
      builder.memoryLayers(besideLayers());
    }
    return builder.build();
  }

  /** Blocks 2 and 5 of 8. */
  private List<Integer> besideLayers() {
    return Stream.of(layers / 4, 5 * layers / 8).distinct().toList();
  }

  long tokensPerStep() {
    return (long) batch * sequence;
  }
}
