// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/** Matrix products. On inputs of half precision, sums accumulate in single precision. */
public interface MatrixKernels {
  /**
   * c = alpha·op(a)·op(b) + beta·c, where op transposes if asked.
   *
   * @param transposeA whether {@code a} [k, m] is used transposed; else it is [m, k]
   * @param transposeB whether {@code b} [n, k] is used transposed; else it is [k, n]
   * @param alpha factor of the product
   * @param a left matrix, floating
   * @param b right matrix, same dtype as {@code a}
   * @param beta factor of the old contents of {@code c}; with 0 they are not read
   * @param c result [m, n]; the dtype of {@code a}, or F32
   */
  void gemm(
      boolean transposeA,
      boolean transposeB,
      float alpha,
      Tensor a,
      Tensor b,
      float beta,
      Tensor c);

  /**
   * A batch of products at regular distances, such as one for each head of packed rows.
   *
   * @param layout extents and places; every element named must lie within its tensor
   * @param alpha factor of the products
   * @param a tensor that holds the left matrices
   * @param b tensor that holds the right matrices, same dtype
   * @param beta factor of the old contents; with 0 they are not read
   * @param c tensor that holds the results, which must not overlap each other; the dtype of {@code
   *     a}, or F32
   */
  void batchedGemm(BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c);

  /** y = x·wᵀ for a linear layer: x [N, in], w [out, in], y [N, out]. */
  default void linear(Tensor x, Tensor w, Tensor y) {
    gemm(false, true, 1f, x, w, 0f, y);
  }

  /** The input gradient of {@link #linear}: dx (+)= dy·w. */
  default void linearInputGradient(Tensor dy, Tensor w, Accumulation mode, Tensor dx) {
    gemm(false, false, 1f, dy, w, mode.beta(), dx);
  }

  /** The weight gradient of {@link #linear}: adds dyᵀ·x to dw. */
  default void linearWeightGradient(Tensor dy, Tensor x, Tensor dw) {
    gemm(true, false, 1f, dy, x, 1f, dw);
  }
}
