// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/**
 * Loops over tiles that plain Java does not vectorise by itself: sums and exponentials.
 *
 * <p>All implementations give the same bits: sums run in eight lanes (element i in lane i mod 8),
 * whose totals are added as ((0+4)+(2+6))+((1+5)+(3+7)); what is left of a multiple of eight
 * follows one by one. Element-wise loops without {@code exp} belong into the kernels, where the
 * compiler vectorises them.
 *
 * <p>Arguments are arrays, the index of the first element in each, and the number of elements.
 */
public interface Vectors {
  /** Σ x. */
  float sum(float[] x, int at, int n);

  /** Σ x². */
  float sumOfSquares(float[] x, int at, int n);

  /** Σ x·y. */
  float dot(float[] x, int xAt, float[] y, int yAt, int n);

  /** Σ x·y·z. */
  float dot(float[] x, int xAt, float[] y, int yAt, float[] z, int zAt, int n);

  /** The largest x, NaN if there is one; −∞ for none. */
  float max(float[] x, int at, int n);

  /**
   * x = exp(scale·x − shift) in place; returns the sum. Exponents are clamped to −87 … 88, relative
   * error 2e-7.
   */
  float expSum(float[] x, int at, float scale, float shift, int n);

  /** out = 1/(1 + exp(−x)); {@code out} may be {@code x}. */
  void sigmoid(float[] x, int xAt, float[] out, int outAt, int n);
}
