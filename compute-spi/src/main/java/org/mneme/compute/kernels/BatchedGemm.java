// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import java.util.Locale;

/**
 * The layout of a batch of matrix products C_i = α·op(A_i)·op(B_i) + β·C_i inside three tensors.
 * Product i begins at element i·stride; rows are {@code ld} elements apart.
 *
 * @param batch number of products
 * @param m rows of op(A) and C
 * @param n columns of op(B) and C
 * @param k columns of op(A), rows of op(B)
 * @param a where the A_i lie
 * @param b where the B_i lie
 * @param c where the C_i lie; {@code transposed} must be false
 */
public record BatchedGemm(int batch, int m, int n, int k, Layout a, Layout b, Layout c) {
  /**
   * Where the matrices of one operand lie.
   *
   * @param ld elements from one stored row to the next
   * @param stride elements from one matrix to the next
   * @param transposed whether the stored matrix is used transposed
   */
  public record Layout(long ld, long stride, boolean transposed) {}

  /** Checks the extents. */
  public BatchedGemm {
    if (batch < 1 || m < 1 || n < 1 || k < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "extents of a batched product must be >= 1, found batch %d, m %d, n %d, k %d",
              batch,
              m,
              n,
              k));
    }
    if (c.transposed()) {
      throw new IllegalArgumentException("the output of a batched product cannot be transposed");
    }
  }
}
