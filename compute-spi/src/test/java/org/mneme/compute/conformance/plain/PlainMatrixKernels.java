// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.put;
import static org.mneme.compute.conformance.plain.PlainDevice.rows;

import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.MatrixReference;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.support.OperationProfiler;

/** Matrix products by the references. */
final class PlainMatrixKernels implements MatrixKernels {
  private final OperationProfiler profiler;

  PlainMatrixKernels(OperationProfiler profiler) {
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
    int k = transposeA ? rows(a) : columns(a);
    long began = System.nanoTime();
    put(
        c,
        MatrixReference.gemm(
            transposeA, transposeB, rows(c), columns(c), k, alpha, get(a), get(b), beta, get(c)));
    profiler.addGemm(System.nanoTime() - began);
  }

  @Override
  public void batchedGemm(
      BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    put(c, MatrixReference.batchedGemm(layout, alpha, get(a), get(b), beta, get(c)));
  }
}
