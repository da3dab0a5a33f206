// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import static org.mneme.compute.conformance.reference.FiniteDifference.check;
import static org.mneme.compute.conformance.reference.FiniteDifference.dot;
import static org.mneme.compute.conformance.reference.FiniteDifference.values;

import org.junit.jupiter.api.Test;
import org.mneme.compute.kernels.AttentionShape;

/** The references of the neural gradients, held to differences of the references forward. */
class NeuralGradientTest {
  private static final double EPS = 1e-2;

  @Test
  void rmsNorm() {
    double[] x = values(3 * 5, 1);
    double[] dy = values(3 * 5, 2);
    double[] w = values(5, 3);
    double[] rstd = NormReference.rmsNorm(x, w, EPS, 3).rstd();
    NormReference.Gradient gradient = NormReference.rmsNormBackward(dy, x, w, rstd);
    check("dx", gradient.dx(), x, v -> dot(dy, NormReference.rmsNorm(v, w, EPS, 3).y()));
    check("dw", gradient.dWeight(), w, v -> dot(dy, NormReference.rmsNorm(x, v, EPS, 3).y()));
    double[] plain = NormReference.rmsNormBackward(dy, x, null, rstd).dx();
    check("dx of ones", plain, x, v -> dot(dy, NormReference.rmsNorm(v, null, EPS, 3).y()));
  }

  @Test
  void batchNorm() {
    double[] x = values(4 * 3, 4);
    double[] dy = values(4 * 3, 5);
    double[] w = values(3, 6);
    double[] b = values(3, 7);
    NormReference.BatchNorm forward = NormReference.batchNorm(x, null, w, b, EPS, 0, b, b);
    NormReference.Gradient gradient =
        NormReference.batchNormBackward(dy, x, null, w, forward.mean(), forward.rstd());
    check("dx", gradient.dx(), x, v -> dot(dy, batchNorm(v, w, b)));
    check("dw", gradient.dWeight(), w, v -> dot(dy, batchNorm(x, v, b)));
    check("db", gradient.dBias(), b, v -> dot(dy, batchNorm(x, w, v)));
  }

  private static double[] batchNorm(double[] x, double[] w, double[] b) {
    return NormReference.batchNorm(x, null, w, b, EPS, 0.1, b, b).y();
  }

  @Test
  void gates() {
    double[] gate = values(7, 8);
    double[] value = values(7, 9);
    double[] dOut = values(7, 10);
    ActivationReference.GateGradient gradient =
        ActivationReference.siluGateBackward(dOut, gate, value);
    check("dGate", gradient.dGate(), gate, v -> dot(dOut, ActivationReference.siluGate(v, value)));
    check(
        "dValue", gradient.dValue(), value, v -> dot(dOut, ActivationReference.siluGate(gate, v)));
    double[] gateUp = values(2 * 6, 11);
    double[] dRows = values(6, 12);
    check(
        "dGateUp",
        ActivationReference.swiGluBackward(dRows, gateUp, 3),
        gateUp,
        v -> dot(dRows, ActivationReference.swiGlu(v, 3)));
  }

  @Test
  void rotaryGradientIsTheRotationBack() {
    double[] x = values(4 * 10, 13);
    double[] dOut = values(4 * 10, 14);
    double[] table = ActivationReference.rotaryTable(50, 4, 5);
    check(
        "dx",
        ActivationReference.rotary(dOut, 10, table, 4, 2, 2, 3, true),
        x,
        v -> dot(dOut, ActivationReference.rotary(v, 10, table, 4, 2, 2, 3, false)));
  }

  @Test
  void attention() {
    AttentionShape shape = new AttentionShape(2, 3, 4, 2, 2);
    double[] qkv = values((int) (shape.positions() * shape.packedColumns()), 15);
    double[] dOut = values((int) (shape.positions() * shape.outputColumns()), 16);
    double[] out = AttentionReference.attention(qkv, shape).out();
    check(
        "dQkv",
        AttentionReference.attentionBackward(dOut, qkv, out, shape),
        qkv,
        v -> dot(dOut, AttentionReference.attention(v, shape).out()));
  }

  @Test
  void crossEntropy() {
    double[] logits = values(3 * 4, 17);
    int[] targets = {2, LossReference.MASKED, 0};
    double[] scale = values(3, 18);
    check(
        "dLogits",
        LossReference.gradient(logits, targets, scale),
        logits,
        v -> dot(scale, LossReference.crossEntropy(v, targets)));
  }
}
