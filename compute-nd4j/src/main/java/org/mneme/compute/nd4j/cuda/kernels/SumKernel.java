// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/** The sum of all elements: of many, by parts whose sums are added in their order. */
final class SumKernel {
  private static final int THREADS = 1024;

  /** Elements of a part, unless that makes more parts than the multiprocessors hold at a time. */
  private static final int ELEMENTS = 32 * THREADS;

  private static final int BLOCKS = 2;

  private final CudaRuntime cuda;

  SumKernel(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void sum(Tensor x, float factor, Accumulation mode, Tensor out) {
    long most = (long) BLOCKS * cuda.multiprocessors();
    long parts = Math.min(most, Grids.groups(x.elementCount(), ELEMENTS));
    if (parts <= 1) {
      launch(x, 1, factor, mode, out);
      return;
    }
    try (Tensor partial = cuda.scratch(DType.F32, parts)) {
      launch(x, parts, 1f, Accumulation.REPLACE, partial);
      launch(partial, 1, factor, mode, out);
    }
  }

  private void launch(Tensor x, long blocks, float factor, Accumulation mode, Tensor out) {
    cuda.kernel("sums", "sum", x.dtype())
        .grid(blocks)
        .block(THREADS)
        .tensor(x)
        .i64(x.elementCount())
        .f32(factor)
        .i32(mode == Accumulation.ADD ? 1 : 0)
        .tensor(out)
        .run();
  }
}
