// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

/** Extents of launches. */
public final class Grids {
  private static final int WARP = 32;

  /**
   * Most items that kernels count in 32 bits. Their loops and their last block step past the end,
   * by less than what is left to 2^31: nearer to it, a counter would become negative.
   */
  private static final int MOST = Integer.MAX_VALUE - (1 << 16);

  private Grids() {}

  /**
   * Returns a number of items as kernels take it.
   *
   * @throws ArithmeticException if they are more than a kernel can count
   */
  public static int extent(long items) {
    if (items > MOST) {
      throw new ArithmeticException(items + " items, expected at most " + MOST);
    }
    return (int) items;
  }

  /** The number of groups of {@code each} that hold {@code items}. */
  public static long groups(long items, long each) {
    return (items + each - 1) / each;
  }

  /** Blocks of {@code threads} threads for that many warps. */
  public static long ofWarps(long warps, int threads) {
    return groups(warps * WARP, threads);
  }

  /**
   * Threads for {@code items}: whole warps, at most {@code most}, with few idle in the last turn.
   */
  public static int threads(long items, int most) {
    long turns = groups(items, most);
    return extent(WARP * groups(groups(items, turns), WARP));
  }
}
