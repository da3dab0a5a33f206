// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/** Normalisation, attention, activations and losses, forward and backward. */
public interface NeuralKernels {
  /**
   * y = w · x / √(mean(x²) + eps), by row (Zhang and Sennrich 2019).
   *
   * @param x input [N, d]
   * @param weight w [d] F32, or null for ones
   * @param eps added to the mean square
   * @param y output [N, d]
   * @param rstd the factors 1/√(mean(x²) + eps) [N] F32, for the backward
   */
  void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd);

  /**
   * sum = x + branch; y = rmsNorm(sum). {@code sum} may be {@code x} or {@code branch}.
   *
   * @see #rmsNorm
   */
  void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd);

  /**
   * The gradient of {@link #rmsNorm}.
   *
   * @param dy gradient of the output [N, d]
   * @param x input of the forward (of {@link #addRmsNorm}: its sum)
   * @param weight as in the forward
   * @param rstd as written by the forward
   * @param mode how {@code dx} is written
   * @param dx gradient of x [N, d]
   * @param dWeight gradient of w [d] F32, added to; null if {@code weight} is null or frozen
   */
  void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor dWeight);

  /** out = a + b, elementwise, same shapes; {@code out} may be {@code a} or {@code b}. */
  void add(Tensor a, Tensor b, Tensor out);

  /**
   * Rotates interleaved pairs (x₂ᵢ, x₂ᵢ₊₁) of the first {@code rotatedHeads} heads of each row, in
   * place (RoPE, Su et al. 2021).
   *
   * @param x rows [B·T, C], C ≥ rotatedHeads·headDim
   * @param table cosines and sines [positions, headDim] F32: entry 2i is cos(t·θ^(−2i/headDim)),
   *     entry 2i+1 the sine
   * @param sequence T; row r stands at position firstPosition + r mod T
   * @param rotatedHeads heads from column 0 on that are rotated
   * @param firstPosition position of the first row of each sequence
   * @param inverse rotates back, which is the gradient
   */
  void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse);

  /**
   * Causal grouped-query attention, scale 1/√headDim.
   *
   * @param qkv packed rows [B·T, packedColumns], already rotated
   * @param shape extents
   * @param out [B·T, H·headDim]
   * @param logSumExp of the scaled scores [B, H, T] F32, for the backward
   */
  void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp);

  /**
   * The gradient of {@link #attention}.
   *
   * @param dOut gradient of the output [B·T, H·headDim]
   * @param qkv as in the forward
   * @param out as written by the forward
   * @param logSumExp as written by the forward
   * @param shape extents
   * @param dQkv gradient of the packed rows, all of it overwritten
   */
  void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv);

  /**
   * Attention of new positions over all that a cache holds, for incremental decoding.
   *
   * @param qkv packed rows of the new positions [B·T, packedColumns], already rotated
   * @param shape extents; {@code sequence} is the number of new positions
   * @param keyCache [B, capacity, keyValueColumns]; the keys of the new positions are written to it
   *     at {@code firstPosition}
   * @param valueCache the same for values
   * @param firstPosition number of positions that the cache holds already
   * @param out [B·T, H·headDim]
   */
  void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out);

  /** out = silu(gate)·up by row, gateUp = [gate | up] [N, 2h], out [N, h] (Shazeer 2020). */
  void swiGlu(Tensor gateUp, Tensor out);

  /** The gradient of {@link #swiGlu}; {@code dGateUp} may be {@code gateUp}. */
  void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp);

  /** out = value·silu(gate), elementwise, same shapes; {@code out} may be {@code value}. */
  void siluGate(Tensor gate, Tensor value, Tensor out);

  /**
   * The gradient of {@link #siluGate}; {@code dGate} may be {@code gate}, {@code dValue} may be
   * {@code value}.
   */
  void siluGateBackward(Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue);

  /**
   * Cross-entropy and its gradient, in place.
   *
   * @param logits [R, V]; on return the gradient rowScale·(softmax − onehot)
   * @param targets class of each row [R] I32; −100 masks the row (loss 0, gradient 0)
   * @param rowScale factor of each row's loss [R] F32
   * @param losses rowScale·(−log softmax[target]) of each row [R] F32
   */
  void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses);

  /**
   * Cross-entropy alone: −log softmax[target] of each row, 0 where the target is −100.
   *
   * @param logits [R, V], unchanged
   * @param targets [R] I32
   * @param losses [R] F32
   */
  void crossEntropy(Tensor logits, Tensor targets, Tensor losses);

  /**
   * Batch normalisation with the statistics of these rows (Ioffe and Szegedy 2015); running
   * statistics move by {@code momentum} towards the mean and the unbiased variance, or stay where
   * they are if fewer than two rows are valid.
   *
   * @param x input [N, C], N ≥ 2
   * @param valid 0 for rows that take no part, such as padding: they count in no statistic, and
   *     their output is 0 [N] I32; null: all take part
   * @param weight [C] F32
   * @param bias [C] F32
   * @param eps added to the variance
   * @param momentum share of the new statistics
   * @param runningMean [C] F32, updated; null together with {@code runningVariance}: not kept
   * @param runningVariance [C] F32, updated
   * @param y output [N, C]
   * @param mean of each column [C] F32, for the backward
   * @param rstd 1/√(biased variance + eps) of each column [C] F32, for the backward
   */
  void batchNorm(
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor bias,
      float eps,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor rstd);

  /** Batch normalisation with running statistics, for evaluation. */
  void batchNormEvaluate(
      Tensor x,
      Tensor weight,
      Tensor bias,
      float eps,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y);

  /**
   * The gradient of {@link #batchNorm}.
   *
   * @param valid as in the forward
   * @param dx gradient of x [N, C], overwritten; 0 in rows that take no part
   * @param dWeight [C] F32, added to
   * @param dBias [C] F32, added to
   */
  void batchNormBackward(
      Tensor dy,
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias);

  /** out [1] F32 (+)= factor · the sum of all elements of x. */
  void sum(Tensor x, float factor, Accumulation mode, Tensor out);
}
