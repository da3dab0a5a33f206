// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** Gradients by central differences in double precision. */
final class FiniteDifference {
  private static final double STEP = 1e-5;

  private FiniteDifference() {}

  /** Holds a gradient of {@code loss} at {@code at} to its differences, in every element. */
  static void check(String what, double[] gradient, double[] at, ToDoubleFunction<double[]> loss) {
    assertThat(gradient).as(what).hasSameSizeAs(at);
    for (int i = 0; i < at.length; i++) {
      double[] moved = at.clone();
      moved[i] = at[i] + STEP;
      double above = loss.applyAsDouble(moved);
      moved[i] = at[i] - STEP;
      double below = loss.applyAsDouble(moved);
      double slope = (above - below) / (2 * STEP);
      assertThat(Math.abs(gradient[i] - slope))
          .as("%s: element %d is %s, by differences %s", what, i, gradient[i], slope)
          .isLessThan(1e-7 * (1 + Math.abs(slope)));
    }
  }

  /** Signed values of size 1. */
  static double[] values(int count, long seed) {
    return new SplittableRandom(seed).doubles(count, -1.7, 1.7).toArray();
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
