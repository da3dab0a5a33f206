// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TilesTest {
  @Test
  void arraysAreKeptAndGrown() {
    Tiles tiles = new Tiles();
    float[] first = tiles.floats(0, 100);
    assertThat(tiles.floats(0, 1000)).isSameAs(first);
    assertThat(tiles.floats(1, 1000)).isNotSameAs(first);
    assertThat(tiles.floats(0, 5000)).hasSizeGreaterThanOrEqualTo(5000).isNotSameAs(first);
    int[] ints = tiles.ints(0, 3);
    assertThat(tiles.ints(0, 2)).isSameAs(ints);
  }
}
