// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.ListedRows;

/** Parameter updates. */
public final class CudaOptimizerKernels implements OptimizerKernels {
  private static final String PROGRAM = "optimizer";
  private static final int THREADS = 256;

  /** Elements that a block of AdamW updates: two packs of four a thread. */
  private static final int ADAM_BLOCK = THREADS * 4 * 2;

  /** Blocks of a sum for each multiprocessor, enough to fill it. */
  private static final int SUM_BLOCKS = 8;

  /** A block of a sum has at least about this many elements. */
  private static final int SUM_BLOCK = THREADS * 16;

  /**
   * Blocks of an update of listed rows for each multiprocessor: several turns, to even them out.
   */
  private static final int ROW_BLOCKS = 32;

  private final CudaRuntime cuda;

  /** Kernels that work with {@code cuda}. */
  public CudaOptimizerKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  @Override
  public void sumOfSquares(Tensor x, Accumulation mode, Tensor out) {
    long count = x.elementCount();
    long most = (long) SUM_BLOCKS * cuda.multiprocessors();
    long blocks = Math.max(1, Math.min(most, Grids.groups(count, SUM_BLOCK)));
    try (Tensor partial = cuda.scratch(DType.F32, blocks)) {
      cuda.kernel(PROGRAM, "sum_of_squares", x.dtype())
          .grid(blocks)
          .block(THREADS)
          .tensor(x)
          .i64(count)
          .tensor(partial)
          .run();
      addPartialSums(partial, mode, out);
    }
  }

  private void addPartialSums(Tensor partial, Accumulation mode, Tensor out) {
    cuda.kernel(PROGRAM, "add_partial_sums")
        .grid(1)
        .block(THREADS)
        .tensor(partial)
        .i32((int) partial.elementCount())
        .i32(mode == Accumulation.ADD ? 1 : 0)
        .tensor(out)
        .run();
  }

  @Override
  public void clipFactors(Tensor sumsOfSquares, Tensor maxNorms, Tensor factors, Tensor skipped) {
    cuda.kernel(PROGRAM, "clip_factors")
        .grid(1)
        .block(32)
        .tensor(sumsOfSquares)
        .tensor(maxNorms)
        .i32(Grids.extent(sumsOfSquares.elementCount()))
        .tensor(factors)
        .tensor(skipped)
        .run();
  }

  @Override
  public void restoreUnlessFinite(Tensor condition, Tensor saved, Tensor target) {
    long count = saved.elementCount();
    if (count == 0) {
      return;
    }
    long most = (long) SUM_BLOCKS * cuda.multiprocessors();
    cuda.kernel(PROGRAM, "restore_unless_finite")
        .grid(Math.min(most, Grids.groups(count, THREADS)))
        .block(THREADS)
        .tensor(condition)
        .tensor(saved)
        .i64(count)
        .tensor(target)
        .run();
  }

  @Override
  public void adamW(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    long count = weights.elementCount();
    if (count == 0) {
      return;
    }
    cuda.kernel(PROGRAM, "adam_w")
        .grid(Grids.groups(count, ADAM_BLOCK))
        .block(THREADS)
        .tensor(weights)
        .tensor(gradient)
        .tensor(moment1)
        .tensor(moment2)
        .tensor(copy)
        .i64(count)
        .f32(settings.beta1())
        .f32(settings.beta2())
        .f32(settings.eps())
        .f32(settings.weightDecay())
        .tensor(schedule)
        .tensor(gradientFactor)
        .run();
  }

  @Override
  public void sumOfSquaresRows(
      Tensor x, Tensor rows, Tensor rowCount, Accumulation mode, Tensor out) {
    ListedRows listed = ListedRows.of(cuda, x);
    long blocks = listed.blocks(cuda, rows, THREADS, SUM_BLOCKS);
    try (Tensor partial = cuda.scratch(DType.F32, blocks)) {
      cuda.kernel(PROGRAM, "sum_of_squares_rows_" + listed.suffix())
          .grid(blocks)
          .block(THREADS)
          .tensor(x)
          .tensor(rows)
          .tensor(rowCount)
          .i32(listed.packs())
          .i32(listed.shift())
          .tensor(partial)
          .run();
      addPartialSums(partial, mode, out);
    }
  }

  @Override
  public void adamWRows(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      Tensor rows,
      Tensor rowCount,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    if (weights.elementCount() == 0 || rows.elementCount() == 0) {
      return;
    }
    ListedRows listed =
        copy == null
            ? ListedRows.of(cuda, weights, gradient, moment1, moment2)
            : ListedRows.of(cuda, weights, gradient, moment1, moment2, copy);
    cuda.kernel(PROGRAM, "adam_w_rows_" + listed.suffix())
        .grid(listed.blocks(cuda, rows, THREADS, ROW_BLOCKS))
        .block(THREADS)
        .tensor(weights)
        .tensor(gradient)
        .tensor(moment1)
        .tensor(moment2)
        .tensor(copy)
        .tensor(rows)
        .tensor(rowCount)
        .i32(listed.packs())
        .i32(listed.shift())
        .f32(settings.beta1())
        .f32(settings.beta2())
        .f32(settings.eps())
        .f32(settings.weightDecay())
        .tensor(schedule)
        .tensor(gradientFactor)
        .run();
  }
}
