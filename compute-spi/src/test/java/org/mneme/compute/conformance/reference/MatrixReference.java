// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import org.mneme.compute.kernels.BatchedGemm;

/** Matrix products. */
public final class MatrixReference {
  private MatrixReference() {}

  /** alpha·op(a)·op(b) + beta·c; with beta 0 the old {@code c} is not read. */
  public static double[] gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      double alpha,
      double[] a,
      double[] b,
      double beta,
      double[] c) {
    BatchedGemm layout =
        new BatchedGemm(
            1,
            m,
            n,
            k,
            new BatchedGemm.Layout(transposeA ? m : k, 0, transposeA),
            new BatchedGemm.Layout(transposeB ? k : n, 0, transposeB),
            new BatchedGemm.Layout(n, 0, false));
    return batchedGemm(layout, alpha, a, b, beta, c);
  }

  /** A batch of products; elements of {@code c} that the layout does not name stay. */
  public static double[] batchedGemm(
      BatchedGemm layout, double alpha, double[] a, double[] b, double beta, double[] c) {
    double[] result = c.clone();
    for (int i = 0; i < layout.batch(); i++) {
      for (int row = 0; row < layout.m(); row++) {
        for (int column = 0; column < layout.n(); column++) {
          double sum = 0;
          for (int inner = 0; inner < layout.k(); inner++) {
            sum += at(a, layout.a(), i, row, inner) * at(b, layout.b(), i, inner, column);
          }
          int place = place(layout.c(), i, row, column);
          result[place] = alpha * sum + (beta == 0 ? 0 : beta * c[place]);
        }
      }
    }
    return result;
  }

  private static double at(
      double[] matrices, BatchedGemm.Layout layout, int i, int row, int column) {
    return matrices[place(layout, i, row, column)];
  }

  private static int place(BatchedGemm.Layout layout, int i, int row, int column) {
    long within = layout.transposed() ? column * layout.ld() + row : row * layout.ld() + column;
    return Math.toIntExact(i * layout.stride() + within);
  }
}
