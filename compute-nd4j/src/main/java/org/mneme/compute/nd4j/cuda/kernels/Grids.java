// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;

/** Extents of launches, and when rows can be read 16 bytes at a time. */
final class Grids {
  private static final int WIDE = 16;

  private Grids() {}

  /** The number of groups of {@code each} that hold {@code items}. */
  static long groups(long items, long each) {
    return (items + each - 1) / each;
  }

  /**
   * Threads for {@code items}: whole warps, at most {@code most}, with few idle in the last turn.
   */
  static int threads(long items, int most) {
    long turns = groups(items, most);
    return Math.toIntExact(32 * groups(groups(items, turns), 32));
  }

  /** How many elements of a tensor 16 bytes hold. */
  static int pack(Tensor tensor) {
    return WIDE / tensor.dtype().byteCount();
  }

  /** Whether each row of a tensor begins and ends at a multiple of 16 bytes; null does. */
  static boolean wide(CudaRuntime cuda, Tensor tensor) {
    return tensor == null
        || (cuda.address(tensor) % WIDE == 0
            && tensor.shape().columns() * tensor.dtype().byteCount() % WIDE == 0);
  }
}
