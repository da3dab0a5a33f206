// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/** Launches of kernels that add up slabs of partial sums. */
final class ProductKeySlabs {
  private static final int MOST_WARPS = 8;
  private static final int COLUMNS = 128;

  private ProductKeySlabs() {}

  /** With a block for some of {@code length} columns and warps that share the slabs. */
  static Launch launch(CudaRuntime cuda, String program, String kernel, int slabs, long length) {
    return cuda.kernel(program, kernel)
        .grid((length + COLUMNS - 1) / COLUMNS)
        .block(32 * Math.min(MOST_WARPS, slabs));
  }
}
