// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Sizes near the largest int, by numbers alone. */
class LargeExtentsTest {
  @Test
  void chunksOfTheLongestSideArePositive() {
    for (int length : new int[] {1, 95, 4096, 1 << 30, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      long grain = Blas.grain(length, 256);
      assertThat(grain).as("length %d", length).isPositive();
      assertThat(Workers.chunks(length, grain)).isBetween(1L, 32L);
    }
  }

  @Test
  void tilesAreAtLeastAsLongAsAsked() {
    for (int length : new int[] {0, 1, 1025, Integer.MAX_VALUE - 1024, Integer.MAX_VALUE - 8}) {
      assertThat(Tiles.capacity(length)).as("length %d", length).isGreaterThanOrEqualTo(length);
    }
    assertThat(Tiles.capacity(1025)).isEqualTo(2048);
  }
}
