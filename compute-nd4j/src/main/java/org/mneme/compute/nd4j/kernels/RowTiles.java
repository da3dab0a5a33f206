// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

/** How many rows make a tile. */
final class RowTiles {
  /** Elements of a tile of which a kernel holds a few in the second-level cache. */
  static final int ELEMENTS = 4096;

  private RowTiles() {}

  /** Rows of a tile; at least one, however wide. */
  static int rows(int width) {
    return Math.max(1, ELEMENTS / Math.max(1, width));
  }
}
