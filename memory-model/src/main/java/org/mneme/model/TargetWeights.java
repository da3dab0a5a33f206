// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

/**
 * How much each target counts in the loss, which is the weighted mean over all of them: Σ w·loss /
 * Σ w. Masked positions count nothing.
 *
 * @param token the one whose weight may differ, such as the end token; −1 for none
 * @param weight of that token, at least 0; all others have 1
 */
public record TargetWeights(int token, double weight) {
  /** All targets count the same. */
  public static final TargetWeights EQUAL = new TargetWeights(-1, 1);

  /** Checks the weight. */
  public TargetWeights {
    if (!(weight >= 0 && Double.isFinite(weight))) {
      throw new IllegalArgumentException("weight is " + weight + ", wanted a number >= 0");
    }
  }

  private double of(int target) {
    if (target == TrainingPass.MASKED) {
      return 0;
    }
    return target == token ? weight : 1;
  }

  /** The weight of all these targets together. */
  public double sum(int[] targets) {
    double sum = 0;
    for (int target : targets) {
      sum += of(target);
    }
    return sum;
  }

  /** For each target its weight times {@code factor}. */
  float[] scaled(int[] targets, double factor) {
    float[] scales = new float[targets.length];
    for (int i = 0; i < targets.length; i++) {
      scales[i] = (float) (of(targets[i]) * factor);
    }
    return scales;
  }
}
