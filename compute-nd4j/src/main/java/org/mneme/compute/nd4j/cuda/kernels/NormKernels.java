// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** RMSNorm. A row that a warp, or some lanes of one, can hold is read once; others by a block. */
final class NormKernels {
  private static final String FORWARD = "norms";
  private static final String GRADIENT = "norms_backward";
  private static final int THREADS = 256;

  /** Elements of a row that a lane holds. */
  private static final int HELD = 16;

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
    int width = Grids.extent(x.shape().columns());
    if (rows == 0) {
      return;
    }
    if (width > 32 * HELD || !wide(x, branch) || !wide(sum, y)) {
      forward("rms_norm_blocks", rows, x, branch, weight, eps, sum, y, rstd).run();
      return;
    }
    int lanes = lanes(width);
    long blocks = blocks(rows, lanes, x.dtype() == DType.BF16 ? 4 : 2);
    forward("rms_norm_warps", blocks, x, branch, weight, eps, sum, y, rstd).i32(lanes).run();
  }

  private Launch forward(
      String kernel,
      long blocks,
      Tensor x,
      Tensor branch,
      Tensor weight,
      float eps,
      Tensor sum,
      Tensor y,
      Tensor rstd) {
    return cuda.kernel(FORWARD, kernel, x.dtype())
        .grid(blocks)
        .block(THREADS)
        .tensor(x)
        .tensor(branch)
        .tensor(weight)
        .f32(eps)
        .tensor(sum)
        .tensor(y)
        .tensor(rstd)
        .i32(Grids.extent(x.shape().rows()))
        .i32(Grids.extent(x.shape().columns()));
  }

  private boolean wide(Tensor a, Tensor b) {
    return Packs.fill(cuda, a) && Packs.fill(cuda, b);
  }

  /** Lanes that hold a row: a power of two. */
  private static int lanes(int width) {
    int lanes = 1;
    while (lanes * HELD < width) {
      lanes *= 2;
    }
    return lanes;
  }

  /** Blocks for rows of some lanes each, as many as fit at a time: each keeps its weights. */
  private long blocks(long rows, int lanes, int fit) {
    return Math.min(Grids.groups(rows * lanes, THREADS), (long) fit * cuda.multiprocessors());
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
    int width = Grids.extent(x.shape().columns());
    if (rows == 0) {
      return;
    }
    boolean held = width <= 32 * HELD && wide(dy, x) && wide(dx, null);
    int lanes = held ? lanes(width) : 0;
    int fit = x.dtype() == DType.BF16 ? 2 : 1;
    long blocks = held ? blocks(rows, lanes, fit) : Math.min(rows, 6L * cuda.multiprocessors());
    if (dWeight == null) {
      backward(lanes, blocks, dy, x, weight, rstd, mode, dx, null);
      return;
    }
    try (Tensor partial = cuda.scratch(DType.F32, blocks, width)) {
      backward(lanes, blocks, dy, x, weight, rstd, mode, dx, partial);
      cuda.kernel(GRADIENT, "add_columns")
          .grid(Grids.groups(width, COLUMNS))
          .block(32 * COLUMNS)
          .tensor(partial)
          .i32(Grids.extent(blocks))
          .i32(width)
          .tensor(dWeight)
          .run();
    }
  }

  /** With no lanes, a block for each row. */
  private void backward(
      int lanes,
      long blocks,
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor partial) {
    String kernel = lanes > 0 ? "rms_norm_backward_warps" : "rms_norm_backward_blocks";
    Launch launch =
        cuda.kernel(GRADIENT, kernel, x.dtype())
            .grid(blocks)
            .block(THREADS)
            .tensor(dy)
            .tensor(x)
            .tensor(weight)
            .tensor(rstd)
            .i32(mode == Accumulation.ADD ? 1 : 0)
            .tensor(dx)
            .tensor(partial)
            .i32(Grids.extent(x.shape().rows()))
            .i32(Grids.extent(x.shape().columns()));
    (lanes > 0 ? launch.i32(lanes) : launch).run();
  }
}
