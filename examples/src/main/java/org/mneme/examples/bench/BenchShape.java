// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

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
 * @param sequence positions of a sequence
 * @param batch sequences of a step
 * @param vocabulary tokens
 * @param entries memory entries, a square
 */
record BenchShape(
    int dim,
    int layers,
    int heads,
    int kvHeads,
    int sequence,
    int batch,
    int vocabulary,
    int entries) {
  private static final int EMA_EVERY = 5;

  ModelConfig config(PublishedSystem system) {
    ModelConfigBuilder builder =
        system
            .config()
            .dim(dim)
            .nLayers(layers)
            .nHeads(heads)
            .nKvHeads(kvHeads)
            .maxSeqLen(sequence)
            .vocabSize(vocabulary)
            .knowledgeNum(entries)
            .knowledgeLength(8)
            .emaUpdateFreq(EMA_EVERY);
    return builder.build();
  }

  long tokensPerStep() {
    return (long) batch * sequence;
  }
}
