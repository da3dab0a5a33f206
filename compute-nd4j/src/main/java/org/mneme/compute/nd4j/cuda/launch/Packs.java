// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import org.mneme.compute.Tensor;

/** How many consecutive elements of a row a thread can move at once. */
public final class Packs {
  private static final int LOAD_BYTES = 16;
  private static final int WARP = 32;

  private Packs() {}

  /** The elements of a tensor that fill a load. */
  public static int of(Tensor tensor) {
    return LOAD_BYTES / tensor.dtype().byteCount();
  }

  /** Whether each row of a tensor is made of aligned full loads; null is. */
  public static boolean fill(CudaRuntime cuda, Tensor tensor) {
    return tensor == null
        || (cuda.address(tensor) % LOAD_BYTES == 0 && tensor.shape().columns() % of(tensor) == 0);
  }

  /**
   * The largest pack, of 8, 4 or 1 elements, that divides the width, whose loads are aligned in all
   * of the tensors, and that fills a load of the first tensor.
   */
  public static int largest(CudaRuntime cuda, long width, Tensor first, Tensor... others) {
    for (int pack = of(first); pack >= 4; pack /= 2) {
      if (width % pack == 0 && aligned(cuda, first, pack) && allAligned(cuda, others, pack)) {
        return pack;
      }
    }
    return 1;
  }

  /** The largest pack with which a row still keeps all lanes of a warp busy. */
  public static int perWarp(CudaRuntime cuda, long width, Tensor first, Tensor... others) {
    int pack = largest(cuda, width, first, others);
    return pack == 8 && width < (long) WARP * pack ? 4 : pack;
  }

  private static boolean allAligned(CudaRuntime cuda, Tensor[] tensors, int pack) {
    for (Tensor tensor : tensors) {
      if (!aligned(cuda, tensor, pack)) {
        return false;
      }
    }
    return true;
  }

  private static boolean aligned(CudaRuntime cuda, Tensor tensor, int pack) {
    int bytes = Math.min(LOAD_BYTES, pack * tensor.dtype().byteCount());
    return cuda.address(tensor) % bytes == 0;
  }

  /** The exponent of the least power of two that is at least {@code count}, at most 8. */
  public static int shift(long count) {
    return Math.min(8, 64 - Long.numberOfLeadingZeros(Math.max(1, count) - 1));
  }
}
