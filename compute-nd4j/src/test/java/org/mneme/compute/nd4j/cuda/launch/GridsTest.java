// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import static org.assertj.core.api.Assertions.assertThat;

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
