// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.add;
import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.flags;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.ints;
import static org.mneme.compute.conformance.plain.PlainDevice.put;
import static org.mneme.compute.conformance.plain.PlainDevice.rows;

import java.util.Arrays;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ActivationReference;
import org.mneme.compute.conformance.reference.AttentionReference;
import org.mneme.compute.conformance.reference.LossReference;
import org.mneme.compute.conformance.reference.NormReference;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.NeuralKernels;

/** Neural operations by the references. */
final class PlainNeuralKernels implements NeuralKernels {
  private static double[] orNull(Tensor tensor) {
    return tensor == null ? null : get(tensor);
  }

  private static void write(Accumulation mode, Tensor tensor, double[] values) {
    if (mode == Accumulation.ADD) {
      PlainDevice.add(tensor, values);
    } else {
      put(tensor, values);
    }
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd) {
    NormReference.RmsNorm norm = NormReference.rmsNorm(get(x), orNull(weight), eps, rows(x));
    put(y, norm.y());
    put(rstd, norm.rstd());
  }

  @Override
  public void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd) {
    add(x, branch, sum);
    rmsNorm(sum, weight, eps, y, rstd);
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
    NormReference.Gradient gradient =
        NormReference.rmsNormBackward(get(dy), get(x), orNull(weight), get(rstd));
    write(mode, dx, gradient.dx());
    if (dWeight != null) {
      PlainDevice.add(dWeight, gradient.dWeight());
    }
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    double[] sum = get(a);
    double[] other = get(b);
    Arrays.setAll(sum, i -> sum[i] + other[i]);
    put(out, sum);
  }

  @Override
  public void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse) {
    put(
        x,
        ActivationReference.rotary(
            get(x),
            columns(x),
            get(table),
            columns(table),
            sequence,
            rotatedHeads,
            firstPosition,
            inverse));
  }

  @Override
  public void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    AttentionReference.Attention attention = AttentionReference.attention(get(qkv), shape);
    put(out, attention.out());
    put(logSumExp, attention.logSumExp());
  }

  @Override
  public void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    put(dQkv, AttentionReference.attentionBackward(get(dOut), get(qkv), get(out), shape));
  }

  @Override
  public void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    int capacity = (int) keyCache.shape().extent(1);
    double[] rows = get(qkv);
    put(
        keyCache,
        AttentionReference.extend(get(keyCache), capacity, rows, shape, false, firstPosition));
    put(
        valueCache,
        AttentionReference.extend(get(valueCache), capacity, rows, shape, true, firstPosition));
    put(
        out,
        AttentionReference.attentionDecode(
            rows, shape, get(keyCache), get(valueCache), capacity, firstPosition));
  }

  @Override
  public void swiGlu(Tensor gateUp, Tensor out) {
    put(out, ActivationReference.swiGlu(get(gateUp), columns(out)));
  }

  @Override
  public void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp) {
    put(dGateUp, ActivationReference.swiGluBackward(get(dOut), get(gateUp), columns(dOut)));
  }

  @Override
  public void siluGate(Tensor gate, Tensor value, Tensor out) {
    put(out, ActivationReference.siluGate(get(gate), get(value)));
  }

  @Override
  public void siluGateBackward(
      Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue) {
    ActivationReference.GateGradient gradient =
        ActivationReference.siluGateBackward(get(dOut), get(gate), get(value));
    put(dGate, gradient.dGate());
    put(dValue, gradient.dValue());
  }

  @Override
  public void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    double[] scale = get(rowScale);
    double[] loss = LossReference.crossEntropy(get(logits), ints(targets));
    Arrays.setAll(loss, row -> loss[row] * scale[row]);
    put(losses, loss);
    put(logits, LossReference.gradient(get(logits), ints(targets), scale));
  }

  @Override
  public void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    put(losses, LossReference.crossEntropy(get(logits), ints(targets)));
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
    double[] oldMean = runningMean == null ? new double[columns(x)] : get(runningMean);
    double[] oldVariance = runningMean == null ? oldMean : get(runningVariance);
    NormReference.BatchNorm norm =
        NormReference.batchNorm(
            get(x), flags(valid), get(weight), get(bias), eps, momentum, oldMean, oldVariance);
    put(y, norm.y());
    put(mean, norm.mean());
    put(rstd, norm.rstd());
    if (runningMean != null) {
      put(runningMean, norm.runningMean());
      put(runningVariance, norm.runningVariance());
    }
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
    put(
        y,
        NormReference.batchNormEvaluate(
            get(x), get(weight), get(bias), eps, get(runningMean), get(runningVariance)));
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
    NormReference.Gradient gradient =
        NormReference.batchNormBackward(
            get(dy), get(x), flags(valid), get(weight), get(mean), get(rstd));
    put(dx, gradient.dx());
    PlainDevice.add(dWeight, gradient.dWeight());
    PlainDevice.add(dBias, gradient.dBias());
  }

  @Override
  public void sum(Tensor x, float factor, Accumulation mode, Tensor out) {
    write(mode, out, new double[] {factor * Arrays.stream(get(x)).sum()});
  }
}
