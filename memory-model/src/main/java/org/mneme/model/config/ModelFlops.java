// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

/**
 * Floating-point operations of the matrix products with which a model computes the next token of
 * one position, a multiplication and an addition counted as two. Attention counts half of a full
 * square, as is needed with a causal mask. What is looked up, added or normalised is not counted,
 * nor is the work of moving entries by EMA.
 *
 * @param linear linear layers, the output among them
 * @param attention scores and sums of self-attention in sequences of {@code max_seq_len}
 * @param keys scores of product keys
 * @param entries scores and sums of cross-attention over the selected entries
 * @param projections products with which cross-attention makes keys and values of entries
 */
public record ModelFlops(
    double linear, double attention, double keys, double entries, double projections) {

  /** The operations of a model. */
  public static ModelFlops of(ModelConfig config) {
    double memoryLayers = config.layersWithMemory().size();
    double d = config.dim();
    double attention = 2 * d * (config.maxSeqLen() + 1.0) * config.nLayers();
    double linear = 2 * linearWeights(config, memoryLayers);
    if (!config.hasMemory() || config.remembersContexts()) {
      return new ModelFlops(linear, attention, 0, 0, 0);
    }
    // n scores of D/2 products for each half of a query.
    double keyColumns = (double) config.keysPerHalf() * config.knowledgeDim();
    double keys = 2 * config.memoryHeads() * keyColumns * memoryLayers;
    if (config.memoryFusion() != MemoryFusion.CROSS_ATTENTION) {
      return new ModelFlops(linear, attention, keys, 0, 0);
    }
    double entries = 4 * config.nHeads() * slots(config) * config.readWidth() * memoryLayers;
    double projections = 4 * d * config.readWidth() * memoryLayers;
    return new ModelFlops(linear, attention, keys, entries, projections);
  }

  /** Weights of linear layers that a position passes. */
  private static double linearWeights(ModelConfig config, double memoryLayers) {
    double d = config.dim();
    double kv = (double) config.nKvHeads() * config.headDim();
    double attention = d * (d + 2 * kv) + d * d;
    boolean beside = config.memoryFusion() == MemoryFusion.BESIDE;
    double dense = config.nLayers() - (beside ? 0 : memoryLayers);
    double memory = d * queryColumns(config) + fusionWeights(config);
    return config.nLayers() * attention
        + dense * 3 * d * config.hiddenDim()
        + memoryLayers * memory
        + d * config.vocabSize();
  }

  /** Columns of a query, or weights of the tokens read where entries are addressed by text. */
  private static double queryColumns(ModelConfig config) {
    return config.remembersContexts()
        ? (double) config.numSelected() * config.knowledgeLength()
        : (double) config.memoryHeads() * config.knowledgeDim();
  }

  private static double fusionWeights(ModelConfig config) {
    double d = config.dim();
    return switch (config.memoryFusion()) {
      case GATED_MLP -> 2 * d * (d + slots(config) * config.readWidth()) + d * d;
      case CROSS_ATTENTION, BESIDE -> 2 * d * d;
    };
  }

  private static double slots(ModelConfig config) {
    return (double) config.memoryHeads() * config.numSelected();
  }

  /** Those of a prediction. */
  public double forward() {
    return linear + attention + keys + entries + projections;
  }

  /** Those of training on one position: three times a prediction's, nothing computed twice. */
  public double training() {
    return 3 * forward();
  }
}
