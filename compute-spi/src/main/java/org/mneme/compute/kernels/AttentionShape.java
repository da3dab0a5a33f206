// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import java.util.Locale;

/**
 * The extents of grouped-query self-attention over packed rows [query heads | key heads | value
 * heads].
 *
 * @param batch number of sequences B
 * @param sequence positions of each sequence T
 * @param heads query heads H; a multiple of {@code keyValueHeads}
 * @param keyValueHeads key and value heads, each shared by H / keyValueHeads consecutive query
 *     heads
 * @param headDim width of a head; even
 */
public record AttentionShape(int batch, int sequence, int heads, int keyValueHeads, int headDim) {
  /** Checks the extents. */
  public AttentionShape {
    if (batch < 1 || sequence < 1 || heads < 1 || keyValueHeads < 1 || headDim < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "extents of attention must be >= 1, found batch %d, sequence %d, heads %d,"
                  + " keyValueHeads %d, headDim %d",
              batch,
              sequence,
              heads,
              keyValueHeads,
              headDim));
    }
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of keyValueHeads, found " + heads + " and " + keyValueHeads);
    }
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException("headDim must be even, found " + headDim);
    }
  }

  /** Positions of the whole batch, B·T. */
  public long positions() {
    return (long) batch * sequence;
  }

  /** Columns of the packed rows, (H + 2·keyValueHeads)·headDim. */
  public long packedColumns() {
    return (heads + 2L * keyValueHeads) * headDim;
  }

  /** Columns of the queries and of the output, H·headDim. */
  public long outputColumns() {
    return (long) heads * headDim;
  }

  /** Columns of the keys, and of the values, keyValueHeads·headDim. */
  public long keyValueColumns() {
    return (long) keyValueHeads * headDim;
  }
}
