// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.nd4j.memory.NeighbourBounds.BlockPair;

/** The blocks of a vocabulary, by numbers alone. */
class NeighbourBoundsTest {
  @Test
  void eachPairOfBlocksOccursOnce() {
    int rows = 3 * 512 + 1;
    assertThat(LongStream.range(0, BlockPair.count(rows)).mapToObj(i -> BlockPair.of(i, rows)))
        .containsExactly(
            new BlockPair(0, 0),
            new BlockPair(0, 512),
            new BlockPair(0, 1024),
            new BlockPair(0, 1536),
            new BlockPair(512, 512),
            new BlockPair(512, 1024),
            new BlockPair(512, 1536),
            new BlockPair(1024, 1024),
            new BlockPair(1024, 1536),
            new BlockPair(1536, 1536));
    assertThat(BlockPair.count(0)).isZero();
  }

  /** Rounded up in 32 bits, their number was negative: no pair was compared. */
  @Test
  void theLargestVocabularyHasAllItsBlocks() {
    int rows = Integer.MAX_VALUE;
    long pairs = BlockPair.count(rows);
    assertThat(pairs).isEqualTo((1L << 22) * ((1L << 22) + 1) / 2);
    int last = Integer.MAX_VALUE - 511;
    assertThat(BlockPair.of(pairs - 1, rows)).isEqualTo(new BlockPair(last, last));
    assertThat(BlockPair.of((1L << 22) - 1, rows)).isEqualTo(new BlockPair(0, last));
  }
}
