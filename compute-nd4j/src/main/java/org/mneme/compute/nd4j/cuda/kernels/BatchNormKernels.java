// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Batch normalisation by column: statistics of parts of the rows, of all, then every element. */
final class BatchNormKernels {
  private static final String PROGRAM = "batch_norm";
  private static final int THREADS = 256;

  /** Blocks of a multiprocessor. */
  private static final int BLOCKS = 4;

  private static final int LEAST_ROWS = 32;

  /** Columns of a block that joins the parts, which has a warp for each. */
  private static final int COLUMNS = 32;

  private final CudaRuntime cuda;

  BatchNormKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /** How a matrix is cut: 32 lanes of one element or of 16 bytes side by side, parts of rows. */
  private record Cut(boolean wide, long rows, int width, long groups, int parts, int chunk) {}

  private Cut cut(boolean wide, Tensor x) {
    long rows = x.shape().rows();
    int width = Grids.extent(x.shape().columns());
    long groups = Grids.groups(width, 32L * (wide ? Packs.of(x) : 1));
    long wanted = Math.max(1, (long) BLOCKS * cuda.multiprocessors() / groups);
    int chunk = Grids.extent(Math.max(LEAST_ROWS, Grids.groups(rows, wanted)));
    return new Cut(wide, rows, width, groups, Grids.extent(Grids.groups(rows, chunk)), chunk);
  }

  private Launch parts(String kernel, Cut cut, DType type) {
    return cuda.kernel(PROGRAM, cut.wide ? kernel + "_wide" : kernel, type)
        .grid(cut.groups, cut.parts, 1)
        .block(THREADS);
  }

  private Launch columns(String kernel, Cut cut, Tensor partial) {
    return cuda.kernel(PROGRAM, kernel)
        .grid(Grids.groups(cut.width, COLUMNS))
        .block(32 * COLUMNS)
        .tensor(partial)
        .i32(cut.parts);
  }

  void batchNorm(
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor bias,
      float eps,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    if (x.elementCount() == 0) {
      return;
    }
    Cut cut = cut(Packs.fill(cuda, x) && Packs.fill(cuda, y), x);
    try (Tensor partial = cuda.scratch(DType.F32, 3, cut.parts, cut.width)) {
      parts("batch_norm_moments", cut, x.dtype())
          .tensor(x)
          .tensor(valid)
          .i64(cut.rows)
          .i32(cut.width)
          .i32(cut.chunk)
          .tensor(partial)
          .run();
      columns("batch_norm_statistics", cut, partial)
          .i32(cut.width)
          .f32(eps)
          .f32(momentum)
          .tensor(runningMean)
          .tensor(runningVariance)
          .tensor(mean)
          .tensor(rstd)
          .run();
    }
    normalise(cut, x, valid, weight, bias, mean, rstd, false, 0f, y);
  }

  void batchNormEvaluate(
      Tensor x,
      Tensor weight,
      Tensor bias,
      float eps,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    if (x.elementCount() > 0) {
      Cut cut = cut(Packs.fill(cuda, x) && Packs.fill(cuda, y), x);
      normalise(cut, x, null, weight, bias, runningMean, runningVariance, true, eps, y);
    }
  }

  private void normalise(
      Cut cut,
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor bias,
      Tensor mean,
      Tensor scale,
      boolean variance,
      float eps,
      Tensor y) {
    parts("batch_norm_normalise", cut, x.dtype())
        .tensor(x)
        .tensor(valid)
        .tensor(weight)
        .tensor(bias)
        .tensor(mean)
        .tensor(scale)
        .i32(variance ? 1 : 0)
        .f32(eps)
        .tensor(y)
        .i64(cut.rows)
        .i32(cut.width)
        .i32(cut.chunk)
        .run();
  }

  void batchNormBackward(
      Tensor dy,
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias) {
    if (x.elementCount() == 0) {
      return;
    }
    boolean wide = Packs.fill(cuda, dy) && Packs.fill(cuda, x) && Packs.fill(cuda, dx);
    Cut cut = cut(wide, x);
    try (Tensor partial = cuda.scratch(DType.F32, 2, cut.parts, cut.width);
        Tensor counts = cuda.scratch(DType.F32, cut.parts);
        Tensor means = cuda.scratch(DType.F32, 2, cut.width)) {
      parts("batch_norm_sums", cut, x.dtype())
          .tensor(dy)
          .tensor(x)
          .tensor(valid)
          .tensor(mean)
          .tensor(rstd)
          .i64(cut.rows)
          .i32(cut.width)
          .i32(cut.chunk)
          .tensor(partial)
          .tensor(counts)
          .run();
      columns("batch_norm_gradients", cut, partial)
          .tensor(counts)
          .i32(cut.width)
          .tensor(dWeight)
          .tensor(dBias)
          .tensor(means)
          .run();
      parts("batch_norm_backward", cut, x.dtype())
          .tensor(dy)
          .tensor(x)
          .tensor(valid)
          .tensor(weight)
          .tensor(mean)
          .tensor(rstd)
          .tensor(means)
          .tensor(dx)
          .i64(cut.rows)
          .i32(cut.width)
          .i32(cut.chunk)
          .run();
    }
  }
}
