// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFlopsTest {
  private static ModelConfigBuilder tiny(PublishedSystem system) {
    return system
        .config()
        .vocabSize(100)
        .dim(8)
        .nLayers(2)
        .nHeads(4)
        .nKvHeads(2)
        .hiddenDim(24)
        .maxSeqLen(15)
        .knowledgeNum(16)
        .knowledgeDim(6)
        .numSelected(3);
  }

  private static final double ATTENTION_WEIGHTS = 8 * (8 + 2 * 4) + 8 * 8;
  private static final double FEED_FORWARD_WEIGHTS = 3 * 8 * 24;
  private static final double OUTPUT_WEIGHTS = 8 * 100;

  @Test
  void aDenseModelPassesEachWeightOnce() {
    ModelFlops flops = ModelFlops.of(tiny(PublishedSystem.ORIGINAL).build());
    double weights = 2 * (ATTENTION_WEIGHTS + FEED_FORWARD_WEIGHTS) + OUTPUT_WEIGHTS;
    assertThat(flops.linear()).isEqualTo(2 * weights);
    // Scores and sums: 2 products of width 8 with on average 8 of 15 positions, in 2 layers.
    assertThat(flops.attention()).isEqualTo(2 * 2 * 8 * 8.0 * 2);
    assertThat(flops.keys() + flops.entries() + flops.projections()).isZero();
    assertThat(flops.training()).isEqualTo(3 * (flops.linear() + flops.attention()));
  }

  @Test
  void aMemoryInPlaceOfTheFeedForwardLayer() {
    ModelFlops flops = ModelFlops.of(tiny(PublishedSystem.GATED_MLP).build());
    double gate = 8 * 6;
    double fusion = 2 * 8 * (8 + 3 * 6) + 8 * 8;
    assertThat(flops.linear())
        .isEqualTo(2 * (2 * (ATTENTION_WEIGHTS + gate + fusion) + OUTPUT_WEIGHTS));
    // Two halves of 4 keys of width 3, in 2 layers.
    assertThat(flops.keys()).isEqualTo(2 * 2 * 4 * 3 * 2);
  }

  @Test
  void tokensAreReadAsWideAsTheModel() {
    double vectors = ModelFlops.of(tiny(PublishedSystem.EMA_VECTOR).build()).linear();
    double tokens = ModelFlops.of(tiny(PublishedSystem.EMA_TOKEN).build()).linear();
    assertThat(tokens - vectors).isEqualTo(2 * 2 * (2 * 8 * 3 * (8 - 6)));
  }

  @Test
  void crossAttentionReadsEntriesInEveryHead() {
    ModelFlops flops = ModelFlops.of(tiny(PublishedSystem.CROSS_ATTENTION).build());
    assertThat(flops.entries()).isEqualTo(4 * 4 * 3 * 6 * 2);
    assertThat(flops.projections()).isEqualTo(4 * 8 * 6 * 2);
  }

  @Test
  void besideKeepsTheFeedForwardLayerAndHasOwnLayersAndHeads() {
    ModelConfig config =
        tiny(PublishedSystem.BESIDE).memoryHeads(5).memoryLayers(List.of(1)).build();
    ModelFlops flops = ModelFlops.of(config);
    double dense = ModelFlops.of(tiny(PublishedSystem.ORIGINAL).build()).linear();
    assertThat(flops.linear() - dense).isEqualTo(2 * (8 * 5 * 6 + 2 * 8 * 8));
    assertThat(flops.keys()).isEqualTo(5 * 2 * 2 * 4 * 3);
  }
}
