// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

/** Extents of launches. */
public final class Grids {
  private static final int WARP = 32;

  private Grids() {}

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
    return Math.toIntExact(WARP * groups(groups(items, turns), WARP));
  }
}
