// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/** Parameter updates over flat arenas. What varies from step to step stands in tensors. */
public interface OptimizerKernels {
  /** out [1] F32 (+)= Σ x². */
  void sumOfSquares(Tensor x, Accumulation mode, Tensor out);

  /**
   * Computes the factors that clip the parts of a gradient to their norms: factors[i] = min(1,
   * maxNorms[i] / (√sumsOfSquares[i] + 1e-6)). If any sum is not finite, every factor is NaN, so
   * that {@link #adamW} changes nothing in any part, and the step counts as skipped.
   *
   * @param sumsOfSquares of the parts [G] F32
   * @param maxNorms each above 0; infinity does not clip [G] F32
   * @param factors [G] F32, overwritten
   * @param skipped [1] I32, increased by 1 if a sum is not finite
   */
  void clipFactors(Tensor sumsOfSquares, Tensor maxNorms, Tensor factors, Tensor skipped);

  /**
   * Copies saved to target if the condition is not finite, and changes nothing otherwise: takes
   * back what a skipped step did, without waiting for the device.
   *
   * @param condition [1] F32
   * @param saved F32 or I32, any shape
   * @param target same shape and dtype
   */
  void restoreUnlessFinite(Tensor condition, Tensor saved, Tensor target);

  /**
   * One step of AdamW: g = factor·gradient; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w −
   * lr·(decay·w + (m/c₁) / (√(v/c₂) + eps)). A factor that is not finite changes nothing: weights,
   * moments and copy keep their bits, whatever the gradient is.
   *
   * @param weights w, F32, any shape
   * @param gradient same shape, F32
   * @param moment1 m, same shape, F32
   * @param moment2 v, same shape, F32
   * @param copy same shape in another dtype, set to the new weights; or null
   * @param settings constants
   * @param schedule [3] F32: lr, c₁ = 1 − β₁ᵗ, c₂ = 1 − β₂ᵗ
   * @param gradientFactor factor [1] F32
   */
  void adamW(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor);

  /**
   * out [1] F32 (+)= Σ x² over the listed rows of x.
   *
   * @param x [M, W] F32
   * @param rows as written by {@link MemoryKernels#listRows} [R] I32, each in 0 … M−1
   * @param rowCount likewise [1] I32, at most R
   */
  void sumOfSquaresRows(Tensor x, Tensor rows, Tensor rowCount, Accumulation mode, Tensor out);

  /**
   * {@link #adamW} on the listed rows of [M, W] alone; all others, and their moments and copies,
   * stay as they are.
   *
   * @param rows as written by {@link MemoryKernels#listRows} [R] I32, distinct, each in 0 … M−1
   * @param rowCount likewise [1] I32, at most R
   */
  void adamWRows(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      Tensor rows,
      Tensor rowCount,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor);
}
