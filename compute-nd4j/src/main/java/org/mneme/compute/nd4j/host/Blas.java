// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Matrix products and vector operations on pointers, row-major, by OpenBLAS on the calling thread.
 *
 * <p>The library's own threads are off: our workers share a product by rows or columns of the
 * result, which is as fast and leaves one pool of threads.
 */
public final class Blas {
  /** Products of fewer multiplications than this are not shared. */
  private static final long SERIAL = 1L << 18;

  /**
   * The length of a chunk. Each chunk packs the shared operand again, which shows below some
   * hundreds, and more where the split operand is transposed.
   */
  private static final int CHUNK = 256;

  private static final int CHUNK_TRANSPOSED = 512;
  private static final int MOST_CHUNKS = 32;

  /** Chunk borders are multiples of this: of the block heights of OpenBLAS's kernels. */
  private static final int BORDER = 48;

  private final Workers workers;
  private final BooleanSupplier timing;
  private final LongConsumer gemmNanos;

  /**
   * Products on the given workers.
   *
   * @param timing whether to time products
   * @param gemmNanos is told the time of each, from the thread that computed it
   */
  public Blas(Workers workers, BooleanSupplier timing, LongConsumer gemmNanos) {
    this.workers = workers;
    this.timing = timing;
    this.gemmNanos = gemmNanos;
  }

  /** c [m, n] = alpha·op(a)·op(b) + beta·c on the calling thread; with beta 0, c is not read. */
  public void sgemm(
      boolean ta,
      boolean tb,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc) {
    long start = timing.getAsBoolean() ? System.nanoTime() : 0;
    openblas_nolapack.cblas_sgemm(
        CblasRowMajor,
        ta ? CblasTrans : CblasNoTrans,
        tb ? CblasTrans : CblasNoTrans,
        m,
        n,
        k,
        alpha,
        a,
        lda,
        b,
        ldb,
        beta,
        c,
        ldc);
    if (start != 0) {
      gemmNanos.accept(System.nanoTime() - start);
    }
  }

  /** Like {@link #sgemm}, shared by the workers over the longer side of the result. */
  public void parallelGemm(
      boolean ta,
      boolean tb,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc) {
    long work = (long) m * n * k;
    if (work < SERIAL) {
      sgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } else if (m >= n) {
      workers.forRange(
          m,
          grain(m, ta ? CHUNK_TRANSPOSED : CHUNK),
          (from, to, worker) ->
              sgemm(
                  ta,
                  tb,
                  (int) (to - from),
                  n,
                  k,
                  alpha,
                  Memory.plus(a, ta ? from : from * lda),
                  lda,
                  b,
                  ldb,
                  beta,
                  Memory.plus(c, from * ldc),
                  ldc));
    } else {
      workers.forRange(
          n,
          grain(n, CHUNK_TRANSPOSED),
          (from, to, worker) ->
              sgemm(
                  ta,
                  tb,
                  m,
                  (int) (to - from),
                  k,
                  alpha,
                  a,
                  lda,
                  Memory.plus(b, tb ? from * ldb : from),
                  ldb,
                  beta,
                  Memory.plus(c, from),
                  ldc));
    }
  }

  /** At least two chunks, so that two threads have something to do. */
  static long grain(int length, int target) {
    long chunks = Math.max(2, Math.min(MOST_CHUNKS, length / target));
    long even = (length + chunks - 1) / chunks;
    return (even + BORDER - 1) / BORDER * BORDER;
  }

  /** y += alpha·x, n elements, strides 1. */
  public void saxpy(int n, float alpha, FloatPointer x, FloatPointer y) {
    openblas_nolapack.cblas_saxpy(n, alpha, x, 1, y, 1);
  }

  /** Σ x·y over n elements, strides 1. */
  public float sdot(int n, FloatPointer x, FloatPointer y) {
    return openblas_nolapack.cblas_sdot(n, x, 1, y, 1);
  }

  /** y = x, n elements, strides 1. */
  public void scopy(int n, FloatPointer x, FloatPointer y) {
    openblas_nolapack.cblas_scopy(n, x, 1, y, 1);
  }
}
