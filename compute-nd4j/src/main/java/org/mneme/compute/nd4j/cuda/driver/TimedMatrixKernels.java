// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;

/** Tells the profiler of every matrix product, also of those inside other operations. */
public final class TimedMatrixKernels implements MatrixKernels {
  private final MatrixKernels kernels;
  private final EventProfiler profiler;

  /** Times the products of {@code kernels}. */
  public TimedMatrixKernels(MatrixKernels kernels, EventProfiler profiler) {
    this.kernels = kernels;
    this.profiler = profiler;
  }

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      float alpha,
      Tensor a,
      Tensor b,
      float beta,
      Tensor c) {
    long started = profiler.start();
    kernels.gemm(transposeA, transposeB, alpha, a, b, beta, c);
    profiler.stopGemm(started);
  }

  @Override
  public void batchedGemm(
      BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    long started = profiler.start();
    kernels.batchedGemm(layout, alpha, a, b, beta, c);
    profiler.stopGemm(started);
  }
}
