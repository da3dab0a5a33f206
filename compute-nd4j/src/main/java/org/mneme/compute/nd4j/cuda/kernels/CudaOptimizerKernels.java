// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.nd4j.cuda.driver.CudaRuntime;

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

  private final CudaRuntime cuda;

  /** Kernels that work with {@code cuda}. */
  public CudaOptimizerKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  @Override
  public void sumOfSquares(Tensor x, Accumulation mode, Tensor out) {
    long count = x.elementCount();
    long most = (long) SUM_BLOCKS * cuda.multiprocessors();
    long blocks = Math.max(1, Math.min(most, (count + SUM_BLOCK - 1) / SUM_BLOCK));
    try (Tensor partial = cuda.scratch(DType.F32, blocks)) {
      cuda.kernel(PROGRAM, "sum_of_squares", x.dtype())
          .grid(blocks)
          .block(THREADS)
          .tensor(x)
          .i64(count)
          .tensor(partial)
          .run();
      cuda.kernel(PROGRAM, "add_partial_sums")
          .grid(1)
          .block(THREADS)
          .tensor(partial)
          .i32((int) blocks)
          .i32(mode == Accumulation.ADD ? 1 : 0)
          .tensor(out)
          .run();
    }
  }

  @Override
  public void clipFactor(Tensor sumOfSquares, float maxNorm, Tensor factor) {
    cuda.kernel(PROGRAM, "clip_factor")
        .grid(1)
        .block(32)
        .tensor(sumOfSquares)
        .f32(maxNorm)
        .tensor(factor)
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
        .grid((count + ADAM_BLOCK - 1) / ADAM_BLOCK)
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
}
