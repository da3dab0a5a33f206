// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Vectors;

/** The neural operations, each by the class of its kind. */
public final class Nd4jNeuralKernels implements NeuralKernels {
  private final HostRuntime host;
  private final ChunkSums sums;
  private final NormKernels norms;
  private final ActivationKernels activations;
  private final RotaryKernel rotary;
  private final AttentionKernels attention;
  private final LossKernels losses;
  private final BatchNormKernels batchNorms;

  /** Kernels that work with {@code host}. */
  public Nd4jNeuralKernels(HostRuntime host) {
    this.host = host;
    this.sums = new ChunkSums(host);
    this.norms = new NormKernels(host);
    this.activations = new ActivationKernels(host);
    this.rotary = new RotaryKernel(host);
    this.attention = new AttentionKernels(host);
    this.losses = new LossKernels(host);
    this.batchNorms = new BatchNormKernels(host);
  }

  private static HostTensor orNull(Tensor tensor) {
    return tensor == null ? null : of(tensor);
  }

  private static HostTensor of(Tensor tensor) {
    return HostTensor.of(tensor);
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd) {
    norms.forward(of(x), null, orNull(weight), eps, null, of(y), of(rstd));
  }

  @Override
  public void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd) {
    norms.forward(of(x), of(branch), orNull(weight), eps, of(sum), of(y), of(rstd));
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
    boolean add = mode == Accumulation.ADD;
    norms.backward(of(dy), of(x), orNull(weight), of(rstd), add, of(dx), orNull(dWeight));
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    activations.add(of(a), of(b), of(out));
  }

  @Override
  public void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse) {
    rotary.rotate(of(x), of(table), sequence, rotatedHeads, firstPosition, inverse);
  }

  @Override
  public void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    attention.attention(of(qkv), shape, of(out), of(logSumExp));
  }

  @Override
  public void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    attention.backward(of(dOut), of(qkv), of(out), of(logSumExp), shape, of(dQkv));
  }

  @Override
  public void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    attention.decode(of(qkv), shape, of(keyCache), of(valueCache), firstPosition, of(out));
  }

  @Override
  public void swiGlu(Tensor gateUp, Tensor out) {
    activations.swiGlu(of(gateUp), of(out));
  }

  @Override
  public void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp) {
    activations.swiGluBackward(of(dOut), of(gateUp), of(dGateUp));
  }

  @Override
  public void siluGate(Tensor gate, Tensor value, Tensor out) {
    activations.siluGate(of(gate), of(value), of(out));
  }

  @Override
  public void siluGateBackward(
      Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue) {
    activations.siluGateBackward(of(dOut), of(gate), of(value), of(dGate), of(dValue));
  }

  @Override
  public void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    this.losses.softmaxCrossEntropy(of(logits), of(targets), of(rowScale), of(losses));
  }

  @Override
  public void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    this.losses.crossEntropy(of(logits), of(targets), of(losses));
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
    batchNorms.train(
        of(x),
        orNull(valid),
        of(weight),
        of(bias),
        eps,
        momentum,
        orNull(runningMean),
        orNull(runningVariance),
        of(y),
        of(mean),
        of(rstd));
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
    batchNorms.evaluate(
        of(x), of(weight), of(bias), eps, of(runningMean), of(runningVariance), of(y));
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
    batchNorms.backward(
        of(dy),
        of(x),
        orNull(valid),
        of(weight),
        of(mean),
        of(rstd),
        of(dx),
        of(dWeight),
        of(dBias));
  }

  @Override
  public void sum(Tensor x, float factor, Accumulation mode, Tensor out) {
    Vectors vectors = host.vectors();
    double total = factor * sums.overTiles(of(x), (tile, n) -> vectors.sum(tile, 0, n));
    HostTensor target = of(out);
    target.putFloat(0, (float) (mode == Accumulation.ADD ? target.getFloat(0) + total : total));
  }
}
