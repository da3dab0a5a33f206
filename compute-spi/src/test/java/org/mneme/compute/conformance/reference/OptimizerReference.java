// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.Arrays;
import org.mneme.compute.kernels.AdamWSettings;

/** Parameter updates. */
public final class OptimizerReference {
  private OptimizerReference() {}

  /** Σ x². */
  public static double sumOfSquares(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value * value;
    }
    return sum;
  }

  /** The factors of parts of a gradient; NaN throughout if a sum is not finite. */
  public static double[] clipFactors(double[] sumsOfSquares, double[] maxNorms) {
    double[] factors = new double[sumsOfSquares.length];
    boolean finite = true;
    for (int i = 0; i < factors.length; i++) {
      finite &= Double.isFinite(sumsOfSquares[i]);
      factors[i] = Math.min(1, maxNorms[i] / (Math.sqrt(sumsOfSquares[i]) + 1e-6));
    }
    if (!finite) {
      Arrays.fill(factors, Double.NaN);
    }
    return factors;
  }

  /** One step of AdamW, on all three arrays in place. */
  public static void adamW(
      double[] weights,
      double[] gradient,
      double[] moment1,
      double[] moment2,
      AdamWSettings settings,
      double rate,
      double correction1,
      double correction2,
      double factor) {
    for (int i = 0; i < weights.length; i++) {
      double g = factor * gradient[i];
      moment1[i] = settings.beta1() * moment1[i] + (1.0 - settings.beta1()) * g;
      moment2[i] = settings.beta2() * moment2[i] + (1.0 - settings.beta2()) * g * g;
      double root = Math.sqrt(moment2[i] / correction2) + settings.eps();
      double step = settings.weightDecay() * weights[i] + moment1[i] / correction1 / root;
      weights[i] -= rate * step;
    }
  }
}
