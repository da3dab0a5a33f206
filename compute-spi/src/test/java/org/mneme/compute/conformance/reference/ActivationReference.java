// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

/** Gated activations, sums and rotations. */
public final class ActivationReference {
  private ActivationReference() {}

  /** Gradients of a gate and of the value that it gates. */
  public record GateGradient(double[] dGate, double[] dValue) {}

  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  static double siluSlope(double x) {
    double sigmoid = 1 / (1 + Math.exp(-x));
    return sigmoid * (1 + x * (1 - sigmoid));
  }

  /** value·silu(gate). */
  public static double[] siluGate(double[] gate, double[] value) {
    double[] out = new double[gate.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = value[i] * silu(gate[i]);
    }
    return out;
  }

  /** The gradients of {@link #siluGate}. */
  public static GateGradient siluGateBackward(double[] dOut, double[] gate, double[] value) {
    double[] dGate = new double[gate.length];
    double[] dValue = new double[gate.length];
    for (int i = 0; i < gate.length; i++) {
      dGate[i] = dOut[i] * value[i] * siluSlope(gate[i]);
      dValue[i] = dOut[i] * silu(gate[i]);
    }
    return new GateGradient(dGate, dValue);
  }

  /** Columns from {@code first} of rows of width 2h, h columns wide. */
  private static double[] half(double[] rows, int h, int first) {
    double[] half = new double[rows.length / 2];
    for (int i = 0; i < half.length; i++) {
      half[i] = rows[i / h * 2 * h + first + i % h];
    }
    return half;
  }

  /** silu(gate)·up of rows [gate | up] of width 2h. */
  public static double[] swiGlu(double[] gateUp, int h) {
    return siluGate(half(gateUp, h, 0), half(gateUp, h, h));
  }

  /** The gradient of {@link #swiGlu}. */
  public static double[] swiGluBackward(double[] dOut, double[] gateUp, int h) {
    GateGradient parts = siluGateBackward(dOut, half(gateUp, h, 0), half(gateUp, h, h));
    double[] gradient = new double[gateUp.length];
    for (int i = 0; i < dOut.length; i++) {
      gradient[i / h * 2 * h + i % h] = parts.dGate()[i];
      gradient[i / h * 2 * h + h + i % h] = parts.dValue()[i];
    }
    return gradient;
  }

  /** Interleaved pairs of the first heads of each row, turned by the angles of a table. */
  public static double[] rotary(
      double[] x,
      int columns,
      double[] table,
      int headDim,
      int sequence,
      int rotatedHeads,
      int firstPosition,
      boolean inverse) {
    double[] rotated = x.clone();
    for (int row = 0; row < x.length / columns; row++) {
      int position = firstPosition + row % sequence;
      for (int pair = 0; pair < rotatedHeads * headDim / 2; pair++) {
        int angle = position * headDim + 2 * pair % headDim;
        double cos = table[angle];
        double sin = inverse ? -table[angle + 1] : table[angle + 1];
        int at = row * columns + 2 * pair;
        rotated[at] = x[at] * cos - x[at + 1] * sin;
        rotated[at + 1] = x[at] * sin + x[at + 1] * cos;
      }
    }
    return rotated;
  }

  /** Cosines and sines [positions, headDim] of the angles t·θ^(−2i/headDim). */
  public static double[] rotaryTable(double theta, int headDim, int positions) {
    double[] table = new double[positions * headDim];
    for (int i = 0; i < table.length; i += 2) {
      double angle = i / headDim * Math.pow(theta, -(double) (i % headDim) / headDim);
      table[i] = Math.cos(angle);
      table[i + 1] = Math.sin(angle);
    }
    return table;
  }
}
