// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.nd4j.host.Blas;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Matrix products by OpenBLAS, shared by the workers. */
public final class Nd4jMatrixKernels implements MatrixKernels {
  /** Products at least this many are shared one by one; fewer are each shared by rows. */
  private static final int MANY = 4;

  /** Multiplications of a chunk, about 20 µs. */
  private static final long CHUNK = 1L << 20;

  private final HostRuntime host;

  /** Kernels that work with {@code host}. */
  public Nd4jMatrixKernels(HostRuntime host) {
    this.host = host;
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
    int m = Math.toIntExact(c.shape().rows());
    int n = Math.toIntExact(c.shape().columns());
    int k = Math.toIntExact(transposeA ? a.shape().rows() : a.shape().columns());
    if (m == 0 || n == 0) {
      return;
    }
    host.blas()
        .parallelGemm(
            transposeA,
            transposeB,
            m,
            n,
            k,
            alpha,
            HostTensor.of(a).floats(0),
            leading(a),
            HostTensor.of(b).floats(0),
            leading(b),
            beta,
            HostTensor.of(c).floats(0),
            leading(c));
  }

  private static int leading(Tensor tensor) {
    return Math.toIntExact(Math.max(1, tensor.shape().columns()));
  }

  @Override
  public void batchedGemm(
      BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    HostTensor left = HostTensor.of(a);
    HostTensor right = HostTensor.of(b);
    HostTensor result = HostTensor.of(c);
    Blas blas = host.blas();
    if (layout.batch() < MANY) {
      Product shared = blas::parallelGemm;
      for (int i = 0; i < layout.batch(); i++) {
        multiply(shared, layout, i, alpha, left, right, beta, result);
      }
      return;
    }
    Product alone = blas::sgemm;
    long work = (long) layout.m() * layout.n() * layout.k();
    host.workers()
        .forRange(
            layout.batch(),
            Math.max(1, CHUNK / work),
            (from, to, worker) -> {
              for (long i = from; i < to; i++) {
                multiply(alone, layout, i, alpha, left, right, beta, result);
              }
            });
  }

  private static void multiply(
      Product product,
      BatchedGemm layout,
      long i,
      float alpha,
      HostTensor a,
      HostTensor b,
      float beta,
      HostTensor c) {
    product.multiply(
        layout.a().transposed(),
        layout.b().transposed(),
        layout.m(),
        layout.n(),
        layout.k(),
        alpha,
        a.floats(i * layout.a().stride()),
        Math.toIntExact(layout.a().ld()),
        b.floats(i * layout.b().stride()),
        Math.toIntExact(layout.b().ld()),
        beta,
        c.floats(i * layout.c().stride()),
        Math.toIntExact(layout.c().ld()));
  }
}
