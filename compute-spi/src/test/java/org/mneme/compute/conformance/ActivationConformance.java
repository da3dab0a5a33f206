// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ActivationReference;
import org.mneme.compute.kernels.Accumulation;

/** Sums, gated activations and rotary positions. */
public abstract class ActivationConformance extends DeviceTestCase {
  private static final List<int[]> SIZES =
      List.of(new int[] {1, 1}, new int[] {7, 1}, new int[] {1, 513}, new int[] {61, 1031});

  @ParameterizedTest
  @MethodSource("floating")
  void add(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(width);
      double[] a = numbers.values(dtype, rows * width);
      double[] b = numbers.values(dtype, rows * width);
      double[] wanted = new double[a.length];
      Arrays.setAll(wanted, i -> a[i] + b[i]);
      for (String place : List.of("apart", "a", "b")) {
        try (Trial trial = trial("add", dtype, rows, width, place)) {
          Tensor ta = trial.inOut("a", dtype, a, rows, width);
          Tensor tb = trial.inOut("b", dtype, b, rows, width);
          Tensor out =
              switch (place) {
                case "a" -> ta;
                case "b" -> tb;
                default -> trial.output("out", dtype, rows, width);
              };
          trial.run(() -> device.neural().add(ta, tb, out));
          trial.expect(out, wanted, Tolerance.elementwise(dtype));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void sum(DType dtype) {
    for (int count : new int[] {1, 19, 4099, 100_003}) {
      for (Accumulation mode : Accumulation.values()) {
        double[] x = new Numbers(count).between(dtype, count, -0.5, 1.5);
        double old = mode == Accumulation.ADD ? -1.25 : Double.NaN;
        double total = -0.5 * Arrays.stream(x).sum();
        double wanted = mode == Accumulation.ADD ? old + total : total;
        try (Trial trial = trial("sum", dtype, count, mode)) {
          Tensor tx = trial.input("x", dtype, x, count);
          Tensor out = trial.inOut("out", F32, new double[] {old}, 1);
          trial
              .run(() -> device.neural().sum(tx, -0.5f, mode, out))
              .expect(out, new double[] {wanted}, Tolerance.sum(F32));
        }
      }
    }
  }

  /** Gates of every size: near 0, and so large that exp(−x) overflows. */
  private static double[] gates(Numbers numbers, DType dtype, int count) {
    double[] gates = numbers.values(dtype, count, 4);
    double[] extremes = {0, -0.0, 100, -100, 1e-6, -30, 30, -90};
    for (int i = 0; i < Math.min(extremes.length, count - 1); i++) {
      gates[i] = Bits.round(dtype, extremes[i]);
    }
    return gates;
  }

  @ParameterizedTest
  @MethodSource("floating")
  void swiGlu(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int h = size[1];
      double[] gateUp = gates(new Numbers(h), dtype, rows * 2 * h);
      try (Trial trial = trial("swi_glu", dtype, rows, h)) {
        Tensor tg = trial.input("gateUp", dtype, gateUp, rows, 2 * h);
        Tensor out = trial.output("out", dtype, rows, h);
        trial
            .run(() -> device.neural().swiGlu(tg, out))
            .expect(out, ActivationReference.swiGlu(gateUp, h), Tolerance.elementwise(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void swiGluBackward(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int h = size[1];
      Numbers numbers = new Numbers(h + 1);
      double[] gateUp = gates(numbers, dtype, rows * 2 * h);
      double[] dOut = numbers.values(dtype, rows * h);
      double[] wanted = ActivationReference.swiGluBackward(dOut, gateUp, h);
      for (boolean inPlace : new boolean[] {false, true}) {
        try (Trial trial = trial("swi_glu_backward", dtype, rows, h, inPlace)) {
          Tensor td = trial.input("dOut", dtype, dOut, rows, h);
          Tensor tg =
              inPlace
                  ? trial.inOut("gateUp", dtype, gateUp, rows, 2 * h)
                  : trial.input("gateUp", dtype, gateUp, rows, 2 * h);
          Tensor gradient = inPlace ? tg : trial.output("dGateUp", dtype, rows, 2 * h);
          trial
              .run(() -> device.neural().swiGluBackward(td, tg, gradient))
              .expect(gradient, wanted, Tolerance.elementwise(dtype));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void siluGate(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(width + 2);
      double[] gate = gates(numbers, dtype, rows * width);
      double[] value = numbers.values(dtype, rows * width);
      double[] wanted = ActivationReference.siluGate(gate, value);
      for (boolean inPlace : new boolean[] {false, true}) {
        try (Trial trial = trial("silu_gate", dtype, rows, width, inPlace)) {
          Tensor tg = trial.input("gate", dtype, gate, rows, width);
          Tensor tv = trial.inOut("value", dtype, value, rows, width);
          Tensor out = inPlace ? tv : trial.output("out", dtype, rows, width);
          trial
              .run(() -> device.neural().siluGate(tg, tv, out))
              .expect(out, wanted, Tolerance.elementwise(dtype));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void siluGateBackward(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(width + 3);
      double[] gate = gates(numbers, dtype, rows * width);
      double[] value = numbers.values(dtype, rows * width);
      double[] dOut = numbers.values(dtype, rows * width);
      ActivationReference.GateGradient wanted =
          ActivationReference.siluGateBackward(dOut, gate, value);
      for (boolean inPlace : new boolean[] {false, true}) {
        try (Trial trial = trial("silu_gate_backward", dtype, rows, width, inPlace)) {
          Tensor td = trial.input("dOut", dtype, dOut, rows, width);
          Tensor tg = trial.inOut("gate", dtype, gate, rows, width);
          Tensor tv = trial.inOut("value", dtype, value, rows, width);
          Tensor dGate = inPlace ? tg : trial.output("dGate", dtype, rows, width);
          Tensor dValue = inPlace ? tv : trial.output("dValue", dtype, rows, width);
          trial
              .run(() -> device.neural().siluGateBackward(td, tg, tv, dGate, dValue))
              .expect(dGate, wanted.dGate(), Tolerance.elementwise(dtype))
              .expect(dValue, wanted.dValue(), Tolerance.elementwise(dtype));
        }
      }
    }
  }

  /** Rows with columns to spare, which must stay; positions far from zero; there and back. */
  @ParameterizedTest
  @MethodSource("floating")
  void rotary(DType dtype) {
    rotary(dtype, 1, 1, 2, 1, 0, 2);
    rotary(dtype, 2, 7, 6, 3, 5, 25);
    rotary(dtype, 3, 1, 16, 1, 1023, 17);
    rotary(dtype, 1, 67, 64, 2, 0, 256);
  }

  private void rotary(
      DType dtype, int batch, int sequence, int headDim, int heads, int first, int columns) {
    double[] x = new Numbers(columns).values(dtype, batch * sequence * columns);
    int positions = first + sequence + 3;
    double[] table = ActivationReference.rotaryTable(1e6, headDim, positions);
    for (boolean inverse : new boolean[] {false, true}) {
      double[] wanted =
          ActivationReference.rotary(x, columns, table, headDim, sequence, heads, first, inverse);
      try (Trial trial = trial("rotary", dtype, batch, sequence, headDim, inverse)) {
        Tensor tx = trial.inOut("x", dtype, x, batch * sequence, columns);
        Tensor tt = trial.input("table", F32, table, positions, headDim);
        trial
            .run(() -> device.neural().rotary(tx, tt, sequence, heads, first, inverse))
            .expect(tx, wanted, Tolerance.elementwise(dtype));
      }
    }
  }
}
