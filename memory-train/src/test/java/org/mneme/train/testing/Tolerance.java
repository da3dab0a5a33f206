// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import org.mneme.compute.DType;

/**
 * How far a number may be from its reference: at most {@code absolute + relative · |reference|}.
 *
 * @param absolute at least 0
 * @param relative at least 0
 */
public record Tolerance(double absolute, double relative) {
  /** What sums in another order differ by, from one device to the next. */
  private static final Tolerance F32 = new Tolerance(2e-4, 1e-4);

  /** Half precision has 8 bits of mantissa, and rounds in every layer. */
  private static final Tolerance BF16 = new Tolerance(3e-2, 3e-2);

  /** Checks the ranges. */
  public Tolerance {
    if (!(absolute >= 0 && relative >= 0)) {
      throw new IllegalArgumentException(
          "tolerance: found " + absolute + " and " + relative + ", wanted numbers of at least 0");
    }
  }

  /** The usual one of a model that computes in a dtype. */
  public static Tolerance of(DType type) {
    return type == DType.BF16 ? BF16 : F32;
  }

  /** The largest distance that is allowed from a reference. */
  public double around(double reference) {
    return absolute + relative * Math.abs(reference);
  }

  /**
   * The distance as a multiple of what is allowed: up to 1 is good; infinite if one is no number.
   */
  double excess(double found, double reference) {
    if (Double.compare(found, reference) == 0) {
      return 0;
    }
    double excess = Math.abs(found - reference) / around(reference);
    return Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
  }
}
