// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/**
 * Seeded random numbers: a counter-based generator (Philox4x32-10, Salmon et al. 2011), keyed by
 * the seed and counted by the element's index, so that results depend on nothing else.
 */
public interface RandomKernels {
  /** Normal values of the given mean and standard deviation; {@code out} F32. */
  void normal(Tensor out, float mean, float standardDeviation, long seed);

  /** Uniform values in [low, high); {@code out} F32. */
  void uniform(Tensor out, float low, float high, long seed);

  /** Uniform integers in low … high−1; {@code out} I32. */
  void uniformInts(Tensor out, int low, int high, long seed);
}
