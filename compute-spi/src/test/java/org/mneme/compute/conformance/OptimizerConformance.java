// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
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

  private static final double INFINITE = Double.POSITIVE_INFINITY;

  private static final List<double[]> NOT_FINITE =
      List.of(
          new double[] {Double.NaN},
          new double[] {INFINITE},
          new double[] {-INFINITE},
          new double[] {1, Double.NaN, 4},
          new double[] {INFINITE, 0});

  @Test
  void clipFactorsAreAtMostOne() {
    double[][] sums = {{0}, {0.25}, {1}, {100}, {9}, {1e-20}, {4, 1e30, 0, 25}};
    double[][] limits = {{1}, {1}, {1}, {1}, {0.5}, {1e-3}, {1, 1e10, 1, INFINITE}};
    for (int i = 0; i < sums.length; i++) {
      clipFactors(sums[i], limits[i], 5);
    }
    double[] many = new Numbers(70).between(DType.F32, 70, 0, 100);
    clipFactors(many, Numbers.filled(70, 2), 5);
  }

  /** One part whose norm is not finite skips the step of all. */
  @Test
  void clipFactorsAreNaNThroughoutUnlessAllSumsAreFinite() {
    for (double[] sums : NOT_FINITE) {
      clipFactors(sums, Numbers.filled(sums.length, 1), 6);
      clipFactors(sums, Numbers.filled(sums.length, INFINITE), 6);
    }
    double[] many = Numbers.filled(70, 1);
    many[69] = Double.NaN;
    clipFactors(many, Numbers.filled(70, 1), 6);
  }

  private void clipFactors(double[] sums, double[] limits, int skippedAfter) {
    int parts = sums.length;
    double[] narrow = Bits.round(DType.F32, sums);
    double[] narrowLimits = Bits.round(DType.F32, limits);
    try (Trial trial = trial("clip_factors", Arrays.toString(sums), limits[0])) {
      Tensor tx = trial.input("sumsOfSquares", DType.F32, narrow, parts);
      Tensor tn = trial.input("maxNorms", DType.F32, narrowLimits, parts);
      Tensor factors = trial.output("factors", DType.F32, parts);
      Tensor skipped = trial.inOut("skipped", DType.I32, new double[] {5}, 1);
      trial
          .run(() -> device.optimizer().clipFactors(tx, tn, factors, skipped))
          .expect(
              factors,
              OptimizerReference.clipFactors(narrow, narrowLimits),
              Tolerance.elementwise(DType.F32))
          .expect(skipped, new int[] {skippedAfter});
    }
  }

  @Test
  void whatWasSavedIsRestoredUnlessTheConditionIsFinite() {
    for (int count : new int[] {0, 1, 31, 4099}) {
      for (double condition : new double[] {0, -1, 3e38, Double.NaN, INFINITE, -INFINITE}) {
        Numbers numbers = new Numbers(count);
        double[] old = numbers.values(DType.F32, count);
        double[] now = numbers.values(DType.F32, count);
        if (count > 1) {
          now[1] = Double.NaN;
        }
        try (Trial trial = trial("restore_unless_finite", count, condition)) {
          Tensor tc = trial.input("condition", DType.F32, new double[] {(float) condition}, 1);
          Tensor saved = trial.input("saved", DType.F32, old, count);
          Tensor target = trial.inOut("target", DType.F32, now, count);
          int[] oldInts = numbers.indices(count, 1 << 30);
          int[] nowInts = numbers.indices(count, 1 << 30);
          Tensor savedInts = trial.input("saved ints", oldInts, count);
          Tensor ints = trial.inOut("ints", DType.I32, Numbers.doubles(nowInts), count);
          trial.run(
              () -> {
                device.optimizer().restoreUnlessFinite(tc, saved, target);
                device.optimizer().restoreUnlessFinite(tc, savedInts, ints);
              });
          boolean finite = Double.isFinite(condition);
          trial.expect(target, finite ? now : old, Tolerance.EXACT);
          trial.expect(ints, finite ? nowInts : oldInts);
        }
      }
    }
  }

  /** 0 times NaN is NaN: a factor can not take a gradient back, so the step is left out. */
  @Test
  void adamWChangesNothingUnlessTheFactorIsFinite() {
    boolean copied = device.info().dtypes().contains(DType.BF16);
    for (double factor : new double[] {Double.NaN, INFINITE, -INFINITE}) {
      for (int count : new int[] {1, 31, 4097}) {
        try (Trial trial = trial("adam_w", count, factor)) {
          Skipped step = new Skipped(trial, factor, copied, count);
          trial.run(
              () ->
                  device
                      .optimizer()
                      .adamW(
                          step.w,
                          step.g,
                          step.m,
                          step.v,
                          step.copy,
                          SETTINGS,
                          step.schedule,
                          step.factor));
          step.expectNothingChanged();
        }
      }
      for (int[] size : ROWS) {
        int[] list = listed(new Numbers(size[0]), size);
        try (Trial trial = trial("adam_w_rows", size[0], size[1], size[2], factor)) {
          Skipped step = new Skipped(trial, factor, copied, size[0], size[2]);
          Tensor tr = trial.input("rows", list, size[0]);
          Tensor tn = trial.input("rowCount", new int[] {size[1]}, 1);
          trial.run(
              () ->
                  device
                      .optimizer()
                      .adamWRows(
                          step.w,
                          step.g,
                          step.m,
                          step.v,
                          step.copy,
                          tr,
                          tn,
                          SETTINGS,
                          step.schedule,
                          step.factor));
          step.expectNothingChanged();
        }
      }
    }
  }

  /** The arguments of a step that must change nothing, with gradients that would spoil all. */
  private static final class Skipped {
    private final Trial trial;
    private final double[] values;
    private final double[] narrow;
    private final Tensor w;
    private final Tensor g;
    private final Tensor m;
    private final Tensor v;
    private final Tensor copy;
    private final Tensor schedule;
    private final Tensor factor;

    Skipped(Trial trial, double factor, boolean copied, long... extents) {
      int count = Math.toIntExact(Shape.of(extents).elementCount());
      Numbers numbers = new Numbers(count);
      this.trial = trial;
      this.values = numbers.between(DType.F32, count, 0, 1);
      this.narrow = numbers.values(DType.BF16, count);
      this.w = trial.inOut("weights", DType.F32, values, extents);
      this.g = trial.input("gradient", DType.F32, Numbers.filled(count, Double.NaN), extents);
      this.m = trial.inOut("moment1", DType.F32, values, extents);
      this.v = trial.inOut("moment2", DType.F32, values, extents);
      this.copy = copied ? trial.inOut("copy", DType.BF16, narrow, extents) : null;
      this.schedule = trial.input("schedule", DType.F32, new double[] {0.5, 0.25, 0.125}, 3);
      this.factor = trial.input("gradientFactor", DType.F32, new double[] {factor}, 1);
    }

    void expectNothingChanged() {
      trial
          .expect(w, values, Tolerance.EXACT)
          .expect(m, values, Tolerance.EXACT)
          .expect(v, values, Tolerance.EXACT);
      if (copy != null) {
        trial.expect(copy, narrow, Tolerance.EXACT);
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
