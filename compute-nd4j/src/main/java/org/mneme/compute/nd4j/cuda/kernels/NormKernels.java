// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.driver.CudaRuntime;

/** RMSNorm. Rows that a warp can hold are read once; others by a block. */
final class NormKernels {
  private static final String PROGRAM = "norms";
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /** The widest row that a warp holds. */
  private static final int HELD = 512;

  /** Blocks of a multiprocessor, which keep weights and sums over many rows. */
  private static final int FORWARD_BLOCKS = 6;

  private static final int BACKWARD_BLOCKS = 3;

  /** Columns of a block that adds partial sums, which has a warp for each. */
  private static final int COLUMNS = 32;

  private final CudaRuntime cuda;

  NormKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd) {
    addRmsNorm(x, null, weight, eps, null, y, rstd);
  }

  /** Without a branch and a sum, {@link #rmsNorm}. */
  void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd) {
    long rows = x.shape().rows();
    int width = Math.toIntExact(x.shape().columns());
    if (rows == 0) {
      return;
    }
    boolean held = width <= HELD && wide(x, branch) && wide(sum, y);
    cuda.kernel(PROGRAM, held ? "rms_norm_warps" : "rms_norm_blocks", x.dtype())
        .grid(held ? blocks(Grids.groups(rows, WARPS), FORWARD_BLOCKS) : rows)
        .block(THREADS)
        .tensor(x)
        .tensor(branch)
        .tensor(weight)
        .f32(eps)
        .tensor(sum)
        .tensor(y)
        .tensor(rstd)
        .i64(rows)
        .i32(width)
        .run();
  }

  private boolean wide(Tensor a, Tensor b) {
    return Grids.wide(cuda, a) && Grids.wide(cuda, b);
  }

  private long blocks(long most, int each) {
    return Math.min(most, (long) each * cuda.multiprocessors());
  }

  void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor dWeight) {
    long rows = x.shape().rows();
    int width = Math.toIntExact(x.shape().columns());
    if (rows == 0) {
      return;
    }
    boolean held = width <= HELD && wide(dy, x) && wide(dx, null);
    long blocks = blocks(held ? Grids.groups(rows, WARPS) : rows, BACKWARD_BLOCKS);
    if (dWeight == null) {
      backward(held, blocks, dy, x, weight, rstd, mode, dx, null);
      return;
    }
    try (Tensor partial = cuda.scratch(DType.F32, blocks, width)) {
      backward(held, blocks, dy, x, weight, rstd, mode, dx, partial);
      cuda.kernel(PROGRAM, "add_columns")
          .grid(Grids.groups(width, COLUMNS))
          .block(32 * COLUMNS)
          .tensor(partial)
          .i32(Math.toIntExact(blocks))
          .i32(width)
          .tensor(dWeight)
          .run();
    }
  }

  private void backward(
      boolean held,
      long blocks,
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor partial) {
    String kernel = held ? "rms_norm_backward_warps" : "rms_norm_backward_blocks";
    cuda.kernel(PROGRAM, kernel, x.dtype())
        .grid(blocks)
        .block(THREADS)
        .tensor(dy)
        .tensor(x)
        .tensor(weight)
        .tensor(rstd)
        .i32(mode == Accumulation.ADD ? 1 : 0)
        .tensor(dx)
        .tensor(partial)
        .i64(x.shape().rows())
        .i32(Math.toIntExact(x.shape().columns()))
        .run();
  }
}
