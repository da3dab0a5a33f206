// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;

/** The neural operations, each by the class of its kind. */
public final class CudaNeuralKernels implements NeuralKernels {
  private final NormKernels norms;
  private final ActivationKernels activations;
  private final RotaryKernel rotary;
  private final AttentionKernels attention;
  private final LossKernels losses;
  private final BatchNormKernels batchNorms;
  private final SumKernel sums;

  /** Kernels that work with {@code cuda}. */
  public CudaNeuralKernels(CudaRuntime cuda) {
    norms = new NormKernels(cuda);
    activations = new ActivationKernels(cuda);
    rotary = new RotaryKernel(cuda);
    attention = new AttentionKernels(cuda);
    losses = new LossKernels(cuda);
    batchNorms = new BatchNormKernels(cuda);
    sums = new SumKernel(cuda);
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd) {
    norms.rmsNorm(x, weight, eps, y, rstd);
  }

  @Override
  public void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd) {
    norms.addRmsNorm(x, branch, weight, eps, sum, y, rstd);
  }

  @Override
  public void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor dWeight) {
    norms.rmsNormBackward(dy, x, weight, rstd, mode, dx, dWeight);
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    activations.add(a, b, out);
  }

  @Override
  public void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse) {
    rotary.rotary(x, table, sequence, rotatedHeads, firstPosition, inverse);
  }

  @Override
  public void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    attention.attention(qkv, shape, out, logSumExp);
  }

  @Override
  public void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    attention.attentionBackward(dOut, qkv, out, logSumExp, shape, dQkv);
  }

  @Override
  public void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    attention.attentionDecode(qkv, shape, keyCache, valueCache, firstPosition, out);
  }

  @Override
  public void swiGlu(Tensor gateUp, Tensor out) {
    activations.swiGlu(gateUp, out);
  }

  @Override
  public void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp) {
    activations.swiGluBackward(dOut, gateUp, dGateUp);
  }

  @Override
  public void siluGate(Tensor gate, Tensor value, Tensor out) {
    activations.siluGate(gate, value, out);
  }

  @Override
  public void siluGateBackward(
      Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue) {
    activations.siluGateBackward(dOut, gate, value, dGate, dValue);
  }

  @Override
  public void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    this.losses.softmaxCrossEntropy(logits, targets, rowScale, losses);
  }

  @Override
  public void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    this.losses.crossEntropy(logits, targets, losses);
  }

  @Override
  public void batchNorm(
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
      Tensor rstd) {
    batchNorms.batchNorm(
        x, valid, weight, bias, eps, momentum, runningMean, runningVariance, y, mean, rstd);
  }

  @Override
  public void batchNormEvaluate(
      Tensor x,
      Tensor weight,
      Tensor bias,
      float eps,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    batchNorms.batchNormEvaluate(x, weight, bias, eps, runningMean, runningVariance, y);
  }

  @Override
  public void batchNormBackward(
      Tensor dy,
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias) {
    batchNorms.batchNormBackward(dy, x, valid, weight, mean, rstd, dx, dWeight, dBias);
  }

  @Override
  public void sum(Tensor x, float factor, Accumulation mode, Tensor out) {
    sums.sum(x, factor, mode, out);
  }
}
