// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.OptimizerReference;
import org.mneme.compute.conformance.reference.RowReference;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;

/** Parameter updates and gradient norms. */
public abstract class OptimizerConformance extends DeviceTestCase {
  private static final AdamWSettings SETTINGS = new AdamWSettings(0.9f, 0.95f, 1e-8f, 0.1f);

  @ParameterizedTest
  @MethodSource("floating")
  void sumOfSquares(DType dtype) {
    for (int count : new int[] {1, 17, 4099, 300_007}) {
      for (Accumulation mode : Accumulation.values()) {
        boolean add = mode == Accumulation.ADD;
        double[] x = new Numbers(count).values(dtype, count);
        double old = add ? 2.5 : Double.NaN;
        double wanted = OptimizerReference.sumOfSquares(x) + (add ? old : 0);
        try (Trial trial = trial("sum_of_squares", dtype, count, mode)) {
          Tensor tx = trial.input("x", dtype, x, count);
          Tensor out = trial.inOut("out", DType.F32, new double[] {old}, 1);
          trial
              .run(() -> device.optimizer().sumOfSquares(tx, mode, out))
              .expect(out, new double[] {wanted}, Tolerance.sum(DType.F32));
        }
      }
    }
  }

  @Test
  void clipFactorIsAtMostOne() {
    double[][] cases = {{0, 1}, {0.25, 1}, {1, 1}, {100, 1}, {9, 0.5}, {1e-20, 1e-3}};
    for (double[] c : cases) {
      double wanted = Math.min(1, (float) c[1] / (Math.sqrt((float) c[0]) + 1e-6));
      try (Trial trial = trial("clip_factor", c[0], c[1])) {
        Tensor sum = trial.input("sumOfSquares", DType.F32, new double[] {(float) c[0]}, 1);
        Tensor factor = trial.output("factor", DType.F32, 1);
        trial
            .run(() -> device.optimizer().clipFactor(sum, (float) c[1], factor))
            .expect(factor, new double[] {wanted}, Tolerance.elementwise(DType.F32));
      }
    }
  }

  @Test
  void adamWWithoutCopy() {
    for (int count : new int[] {1, 31, 4097}) {
      adamW(count, SETTINGS, false);
    }
    adamW(257, new AdamWSettings(0f, 0f, 1e-5f, 0f), false);
  }

  @Test
  void adamWWithCopyInHalfPrecision() {
    if (device.info().dtypes().contains(DType.BF16)) {
      adamW(1021, SETTINGS, true);
    }
  }

  private void adamW(int count, AdamWSettings settings, boolean copied) {
    Numbers numbers = new Numbers(count);
    double[] w = numbers.values(DType.F32, count);
    double[] g = numbers.values(DType.F32, count, 0.1);
    double[] m = numbers.values(DType.F32, count, 0.1);
    double[] v = numbers.between(DType.F32, count, 0, 0.02);
    g[0] = 0;
    m[0] = 0;
    v[0] = 0;
    double[] schedule = {(float) 3e-3, (float) 0.271, (float) 0.142625};
    double factor = 0.375;
    try (Trial trial = trial("adam_w", count, settings)) {
      Tensor tw = trial.inOut("weights", DType.F32, w, count);
      Tensor tg = trial.input("gradient", DType.F32, g, count);
      Tensor tm = trial.inOut("moment1", DType.F32, m, count);
      Tensor tv = trial.inOut("moment2", DType.F32, v, count);
      Tensor copy = copied ? trial.output("copy", DType.BF16, count) : null;
      Tensor ts = trial.input("schedule", DType.F32, schedule, 3);
      Tensor tf = trial.input("gradientFactor", DType.F32, new double[] {factor}, 1);
      trial.run(() -> device.optimizer().adamW(tw, tg, tm, tv, copy, settings, ts, tf));
      OptimizerReference.adamW(w, g, m, v, settings, schedule[0], schedule[1], schedule[2], factor);
      trial
          .expect(tw, w, Tolerance.elementwise(DType.F32))
          .expect(tm, m, Tolerance.elementwise(DType.F32))
          .expect(tv, v, Tolerance.elementwise(DType.F32));
      if (copied) {
        trial.expect(copy, Bits.round(DType.BF16, trial.result(tw)), Tolerance.EXACT);
      }
    }
  }

  /** Rows of the table, listed rows, width; what lies behind the listed rows must not matter. */
  private static final List<int[]> ROWS =
      List.of(
          new int[] {1, 1, 1},
          new int[] {5, 0, 3},
          new int[] {401, 131, 67},
          new int[] {300, 300, 64},
          new int[] {9001, 7000, 12});

  private static int[] listed(Numbers numbers, int[] size) {
    int[] rows = numbers.distinct(size[1], size[0]);
    Arrays.sort(rows);
    int[] list = new int[size[0]];
    System.arraycopy(rows, 0, list, 0, rows.length);
    return list;
  }

  @Test
  void sumOfSquaresOfRows() {
    for (int[] size : ROWS) {
      for (Accumulation mode : Accumulation.values()) {
        Numbers numbers = new Numbers(size[0]);
        double[] x = numbers.values(DType.F32, size[0] * size[2]);
        int[] list = listed(numbers, size);
        boolean add = mode == Accumulation.ADD;
        double old = add ? 2.5 : Double.NaN;
        double[] read = RowReference.gather(x, Arrays.copyOf(list, size[1]), size[2]);
        double wanted = OptimizerReference.sumOfSquares(read) + (add ? old : 0);
        try (Trial trial = trial("sum_of_squares_rows", size[0], size[1], size[2], mode)) {
          Tensor tx = trial.input("x", DType.F32, x, size[0], size[2]);
          Tensor tr = trial.input("rows", list, size[0]);
          Tensor tn = trial.input("rowCount", new int[] {size[1]}, 1);
          Tensor out = trial.inOut("out", DType.F32, new double[] {old}, 1);
          trial
              .run(() -> device.optimizer().sumOfSquaresRows(tx, tr, tn, mode, out))
              .expect(out, new double[] {wanted}, Tolerance.sum(DType.F32));
        }
      }
    }
  }

  @Test
  void adamWOfRows() {
    for (int[] size : ROWS) {
      adamWRows(size, false);
      if (device.info().dtypes().contains(DType.BF16)) {
        adamWRows(size, true);
      }
    }
  }

  private void adamWRows(int[] size, boolean copied) {
    int count = size[0] * size[2];
    Numbers numbers = new Numbers(count);
    double[] w = numbers.values(DType.F32, count);
    double[] g = numbers.values(DType.F32, count, 0.1);
    double[] m = numbers.values(DType.F32, count, 0.1);
    double[] v = numbers.between(DType.F32, count, 0, 0.02);
    double[] c = numbers.values(DType.BF16, count);
    int[] list = listed(numbers, size);
    double[] schedule = {(float) 3e-3, (float) 0.271, (float) 0.142625};
    double factor = 0.375;
    try (Trial trial = trial("adam_w_rows", size[0], size[1], size[2])) {
      Tensor tw = trial.inOut("weights", DType.F32, w, size[0], size[2]);
      Tensor tg = trial.input("gradient", DType.F32, g, size[0], size[2]);
      Tensor tm = trial.inOut("moment1", DType.F32, m, size[0], size[2]);
      Tensor tv = trial.inOut("moment2", DType.F32, v, size[0], size[2]);
      Tensor copy = copied ? trial.inOut("copy", DType.BF16, c, size[0], size[2]) : null;
      Tensor tr = trial.input("rows", list, size[0]);
      Tensor tn = trial.input("rowCount", new int[] {size[1]}, 1);
      Tensor ts = trial.input("schedule", DType.F32, schedule, 3);
      Tensor tf = trial.input("gradientFactor", DType.F32, new double[] {factor}, 1);
      trial.run(() -> device.optimizer().adamWRows(tw, tg, tm, tv, copy, tr, tn, SETTINGS, ts, tf));
      Moved moved = new Moved(w.clone(), m.clone(), v.clone());
      OptimizerReference.adamW(
          moved.w, g, moved.m, moved.v, SETTINGS, schedule[0], schedule[1], schedule[2], factor);
      int[] rows = Arrays.copyOf(list, size[1]);
      trial
          .expect(tw, replaced(w, moved.w, rows, size[2]), Tolerance.elementwise(DType.F32))
          .expect(tm, replaced(m, moved.m, rows, size[2]), Tolerance.elementwise(DType.F32))
          .expect(tv, replaced(v, moved.v, rows, size[2]), Tolerance.elementwise(DType.F32));
      if (copied) {
        double[] narrow = Bits.round(DType.BF16, trial.result(tw));
        trial.expect(copy, replaced(c, narrow, rows, size[2]), Tolerance.EXACT);
      }
    }
  }

  private record Moved(double[] w, double[] m, double[] v) {}

  /** The old values, in the given rows the new ones. */
  private static double[] replaced(double[] old, double[] fresh, int[] rows, int width) {
    return RowReference.blend(old, 0, 1, RowReference.gather(fresh, rows, width), rows, width);
  }
}
