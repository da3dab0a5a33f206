// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.bytedeco.javacpp.FloatPointer;

/** A matrix product c = alpha·op(a)·op(b) + beta·c; one of those of {@code Blas}. */
@FunctionalInterface
interface Product {
  void multiply(
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
      int ldc);
}
