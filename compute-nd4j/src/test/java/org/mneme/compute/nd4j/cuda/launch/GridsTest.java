// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GridsTest {
  @Test
  void blocksHoldAllThereIs() {
    assertThat(Grids.groups(0, 4)).isZero();
    assertThat(Grids.groups(8, 4)).isEqualTo(2);
    assertThat(Grids.groups(9, 4)).isEqualTo(3);
    assertThat(Grids.ofWarps(8, 256)).isEqualTo(1);
    assertThat(Grids.ofWarps(9, 256)).isEqualTo(2);
  }

  /** Counters of kernels step past the end by less than 2^16. */
  @Test
  void whatAKernelCannotCountIsRefused() {
    int most = Integer.MAX_VALUE - (1 << 16);
    assertThat(Grids.extent(0)).isZero();
    assertThat(Grids.extent(most)).isEqualTo(most);
    for (long items : new long[] {most + 1L, Integer.MAX_VALUE, 1L << 31, (1L << 32) + 5}) {
      assertThatThrownBy(() -> Grids.extent(items))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage(items + " items, expected at most 2147418111");
    }
  }

  @Test
  void threadsAreWholeWarpsThatShareTheTurns() {
    assertThat(Grids.threads(1, 256)).isEqualTo(32);
    assertThat(Grids.threads(256, 256)).isEqualTo(256);
    assertThat(Grids.threads(300, 256)).isEqualTo(160);
  }

  @Test
  void threadsOfARowAreAPowerOfTwo() {
    assertThat(Packs.shift(0)).isZero();
    assertThat(Packs.shift(1)).isZero();
    assertThat(Packs.shift(5)).isEqualTo(3);
    assertThat(Packs.shift(64)).isEqualTo(6);
    assertThat(Packs.shift(1000)).isEqualTo(8);
  }
}
