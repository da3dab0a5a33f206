// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

/**
 * The constants of AdamW (Loshchilov and Hutter 2019).
 *
 * @param beta1 decay of the first moment, 0 ≤ beta1 &lt; 1
 * @param beta2 decay of the second moment, 0 ≤ beta2 &lt; 1
 * @param eps added to the root of the second moment, &gt; 0
 * @param weightDecay decoupled decay, ≥ 0
 */
public record AdamWSettings(float beta1, float beta2, float eps, float weightDecay) {
  /** Checks the ranges. */
  public AdamWSettings {
    if (!(beta1 >= 0 && beta1 < 1)
        || !(beta2 >= 0 && beta2 < 1)
        || !(eps > 0)
        || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          String.format(
              "AdamW needs 0 <= beta1, beta2 < 1, eps > 0, weightDecay >= 0; found %s, %s, %s, %s",
              beta1, beta2, eps, weightDecay));
    }
  }
}
