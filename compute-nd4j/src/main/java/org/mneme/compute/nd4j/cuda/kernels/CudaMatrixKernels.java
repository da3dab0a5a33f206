// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.nd4j.cuda.blas.CublasLt;
import org.mneme.compute.nd4j.cuda.blas.GemmProblem;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/**
 * Matrix products by cuBLASLt, and by an own kernel where it has no algorithm. F32 stays F32: no
 * TF32.
 */
public final class CudaMatrixKernels implements MatrixKernels {
  /** Of the own kernel: rows and columns of a tile. */
  private static final int TILE = 64;

  private static final int THREADS = 256;

  /** More tiles than these are shared out among the blocks. */
  private static final long MOST_BLOCKS = 1L << 20;

  private final CudaRuntime cuda;
  private final CublasLt blas;
  private Tensor workspace;

  /** Kernels that work with {@code cuda} and {@code blas}. */
  public CudaMatrixKernels(CudaRuntime cuda, CublasLt blas) {
    this.cuda = cuda;
    this.blas = blas;
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
    int m = Grids.extent(c.shape().rows());
    int n = Grids.extent(c.shape().columns());
    int k = Grids.extent(transposeA ? a.shape().rows() : a.shape().columns());
    if (m == 0 || n == 0) {
      return;
    }
    Layout la = new Layout(a.shape().columns(), 0, transposeA);
    Layout lb = new Layout(b.shape().columns(), 0, transposeB);
    Layout lc = new Layout(n, 0, false);
    if (k == 0) {
      multiplyTiles(1, m, n, k, la, lb, lc, alpha, a, b, beta, c);
    } else {
      batchedGemm(new BatchedGemm(1, m, n, k, la, lb, lc), alpha, a, b, beta, c);
    }
  }

  @Override
  public void batchedGemm(
      BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    GemmProblem problem =
        GemmProblem.of(
            a.dtype(), c.dtype(), layout, cuda.address(a), cuda.address(b), cuda.address(c));
    if (!blas.multiply(problem, alpha, a, b, beta, c, workspace())) {
      multiplyTiles(
          layout.batch(),
          layout.m(),
          layout.n(),
          layout.k(),
          layout.a(),
          layout.b(),
          layout.c(),
          alpha,
          a,
          b,
          beta,
          c);
    }
  }

  /** Kept for the life of the device: every product uses it, one after the other. */
  private Tensor workspace() {
    if (workspace == null) {
      workspace = cuda.scratch(DType.F32, CublasLt.WORKSPACE_BYTES / Float.BYTES);
    }
    return workspace;
  }

  private void multiplyTiles(
      int batch,
      int m,
      int n,
      int k,
      Layout la,
      Layout lb,
      Layout lc,
      float alpha,
      Tensor a,
      Tensor b,
      float beta,
      Tensor c) {
    long tiles = (long) batch * tiles(m) * tiles(n);
    cuda.kernel("gemm", a.dtype() == c.dtype() ? "gemm" : "gemm_bf16", c.dtype())
        .grid(Math.min(MOST_BLOCKS, tiles))
        .block(THREADS)
        .i32(batch)
        .i64(m)
        .i64(n)
        .i64(k)
        .f32(alpha)
        .tensor(a)
        .i64(la.ld())
        .i64(la.stride())
        .i32(la.transposed() ? 1 : 0)
        .tensor(b)
        .i64(lb.ld())
        .i64(lb.stride())
        .i32(lb.transposed() ? 1 : 0)
        .f32(beta)
        .tensor(c)
        .i64(lc.ld())
        .i64(lc.stride())
        .run();
  }

  private static long tiles(int extent) {
    return (extent + TILE - 1L) / TILE;
  }
}
