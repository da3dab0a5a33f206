// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.NormReference;
import org.mneme.compute.kernels.Accumulation;

/** Root-mean-square and batch normalisation, forward and backward. */
public abstract class NormConformance extends DeviceTestCase {
  private static final float EPS = 1e-5f;

  /**
   * With few terms the parts of a gradient cancel up to eps: a large one leaves something to
   * compare.
   */
  private static float eps(int terms) {
    return terms < 8 ? 0.25f : EPS;
  }

  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1},
          new int[] {5, 1},
          new int[] {1, 257},
          new int[] {131, 37},
          new int[] {3, 2053},
          new int[] {67, 64});

  @ParameterizedTest
  @MethodSource("floating")
  void rmsNorm(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(width);
      double[] x = numbers.values(dtype, rows * width, 3);
      double[] w = numbers.values(F32, width);
      for (boolean weighted : new boolean[] {true, false}) {
        double[] weight = weighted ? w : null;
        NormReference.RmsNorm wanted = NormReference.rmsNorm(x, weight, EPS, rows);
        try (Trial trial = trial("rms_norm", dtype, rows, width, weighted)) {
          Tensor tx = trial.input("x", dtype, x, rows, width);
          Tensor tw = weighted ? trial.input("weight", F32, w, width) : null;
          Tensor ty = trial.output("y", dtype, rows, width);
          Tensor rstd = trial.output("rstd", F32, rows);
          trial
              .run(() -> device.neural().rmsNorm(tx, tw, EPS, ty, rstd))
              .expect(ty, wanted.y(), Tolerance.sum(dtype))
              .expect(rstd, wanted.rstd(), Tolerance.sum(F32));
        }
      }
    }
  }

  /** The sum apart, or in the place of one of its terms. */
  @ParameterizedTest
  @MethodSource("floating")
  void addRmsNorm(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(width + 1);
      double[] x = numbers.values(dtype, rows * width, 2);
      double[] branch = numbers.values(dtype, rows * width);
      double[] w = numbers.values(F32, width);
      double[] sum = sum(x, branch);
      NormReference.RmsNorm wanted = NormReference.rmsNorm(sum, w, EPS, rows);
      for (String place : List.of("apart", "x", "branch")) {
        try (Trial trial = trial("add_rms_norm", dtype, rows, width, place)) {
          Tensor tx =
              place.equals("x")
                  ? trial.inOut("x", dtype, x, rows, width)
                  : trial.input("x", dtype, x, rows, width);
          Tensor tb =
              place.equals("branch")
                  ? trial.inOut("branch", dtype, branch, rows, width)
                  : trial.input("branch", dtype, branch, rows, width);
          Tensor tw = trial.input("weight", F32, w, width);
          Tensor ts =
              switch (place) {
                case "x" -> tx;
                case "branch" -> tb;
                default -> trial.output("sum", dtype, rows, width);
              };
          Tensor ty = trial.output("y", dtype, rows, width);
          Tensor rstd = trial.output("rstd", F32, rows);
          trial
              .run(() -> device.neural().addRmsNorm(tx, tb, tw, EPS, ts, ty, rstd))
              .expect(ts, sum, Tolerance.elementwise(dtype))
              .expect(ty, wanted.y(), Tolerance.sum(dtype))
              .expect(rstd, wanted.rstd(), Tolerance.sum(dtype));
        }
      }
    }
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("floating")
  void rmsNormBackward(DType dtype) {
    for (int[] size : SIZES) {
      for (Accumulation mode : Accumulation.values()) {
        rmsNormBackward(dtype, size[0], size[1], mode, true, true);
        rmsNormBackward(dtype, size[0], size[1], mode, true, false);
        rmsNormBackward(dtype, size[0], size[1], mode, false, false);
      }
    }
  }

  private void rmsNormBackward(
      DType dtype, int rows, int width, Accumulation mode, boolean weighted, boolean trained) {
    float eps = eps(width);
    Numbers numbers = new Numbers(width + 2);
    double[] x = numbers.values(dtype, rows * width, 2);
    double[] dy = numbers.values(dtype, rows * width);
    double[] w = weighted ? numbers.values(F32, width) : null;
    double[] dxOld = numbers.values(dtype, rows * width);
    double[] dwOld = numbers.values(F32, width);
    double[] rstd = Bits.round(F32, NormReference.rmsNorm(x, w, eps, rows).rstd());
    NormReference.Gradient wanted = NormReference.rmsNormBackward(dy, x, w, rstd);
    boolean add = mode == Accumulation.ADD;
    try (Trial trial = trial("rms_norm_backward", dtype, rows, width, mode, weighted, trained)) {
      Tensor tdy = trial.input("dy", dtype, dy, rows, width);
      Tensor tx = trial.input("x", dtype, x, rows, width);
      Tensor tw = weighted ? trial.input("weight", F32, w, width) : null;
      Tensor tr = trial.input("rstd", F32, rstd, rows);
      Tensor tdx =
          add
              ? trial.inOut("dx", dtype, dxOld, rows, width)
              : trial.output("dx", dtype, rows, width);
      Tensor tdw = trained ? trial.inOut("dWeight", F32, dwOld, width) : null;
      trial
          .run(() -> device.neural().rmsNormBackward(tdy, tx, tw, tr, mode, tdx, tdw))
          .expect(tdx, add ? sum(dxOld, wanted.dx()) : wanted.dx(), Tolerance.sum(dtype));
      if (trained) {
        trial.expect(tdw, sum(dwOld, wanted.dWeight()), Tolerance.sum(F32));
      }
    }
  }

  private static final List<int[]> BATCHES =
      List.of(new int[] {2, 1}, new int[] {2, 37}, new int[] {1031, 5}, new int[] {67, 131});

  @ParameterizedTest
  @MethodSource("floating")
  void batchNorm(DType dtype) {
    for (Mask mask : Mask.values()) {
      batchNorm(dtype, mask);
    }
  }

  private void batchNorm(DType dtype, Mask mask) {
    for (int[] size : BATCHES) {
      for (boolean kept : new boolean[] {true, false}) {
        int rows = size[0];
        int width = size[1];
        boolean[] valid = mask.flags(rows);
        Numbers numbers = new Numbers(rows);
        double[] x = shifted(numbers, dtype, rows, width);
        double[] w = numbers.values(F32, width);
        double[] b = numbers.values(F32, width);
        double[] mean = numbers.values(F32, width);
        double[] variance = numbers.between(F32, width, 0.5, 2);
        float momentum = 0.1f;
        NormReference.BatchNorm wanted =
            NormReference.batchNorm(x, valid, w, b, EPS, momentum, mean, variance);
        try (Trial trial = trial("batch_norm", dtype, rows, width, kept, mask)) {
          Tensor tx = trial.input("x", dtype, x, rows, width);
          Tensor tv = Mask.input(trial, valid);
          Tensor tw = trial.input("weight", F32, w, width);
          Tensor tb = trial.input("bias", F32, b, width);
          Tensor rm = kept ? trial.inOut("runningMean", F32, mean, width) : null;
          Tensor rv = kept ? trial.inOut("runningVariance", F32, variance, width) : null;
          Tensor ty = trial.output("y", dtype, rows, width);
          Tensor tm = trial.output("mean", F32, width);
          Tensor tr = trial.output("rstd", F32, width);
          trial
              .run(
                  () ->
                      device.neural().batchNorm(tx, tv, tw, tb, EPS, momentum, rm, rv, ty, tm, tr))
              .expect(ty, wanted.y(), Tolerance.sum(dtype))
              .expect(tm, wanted.mean(), Tolerance.sum(F32))
              .expect(tr, wanted.rstd(), Tolerance.sum(F32));
          if (kept) {
            trial
                .expect(rm, wanted.runningMean(), Tolerance.sum(F32))
                .expect(rv, wanted.runningVariance(), Tolerance.sum(F32));
          }
        }
      }
    }
  }

  /** Columns with means several deviations from zero, where E[x²] − E[x]² loses digits. */
  private static double[] shifted(Numbers numbers, DType dtype, int rows, int width) {
    double[] x = numbers.values(dtype, rows * width);
    for (int i = 0; i < x.length; i++) {
      x[i] = Bits.round(dtype, x[i] + i % width % 5 - 2);
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("floating")
  void batchNormEvaluate(DType dtype) {
    for (int[] size : List.of(new int[] {1, 3}, new int[] {67, 131})) {
      int rows = size[0];
      int width = size[1];
      Numbers numbers = new Numbers(rows);
      double[] x = numbers.values(dtype, rows * width);
      double[] w = numbers.values(F32, width);
      double[] b = numbers.values(F32, width);
      double[] mean = numbers.values(F32, width);
      double[] variance = numbers.between(F32, width, 0.5, 2);
      double[] wanted = NormReference.batchNormEvaluate(x, w, b, EPS, mean, variance);
      try (Trial trial = trial("batch_norm_evaluate", dtype, rows, width)) {
        Tensor tx = trial.input("x", dtype, x, rows, width);
        Tensor tw = trial.input("weight", F32, w, width);
        Tensor tb = trial.input("bias", F32, b, width);
        Tensor tm = trial.input("runningMean", F32, mean, width);
        Tensor tv = trial.input("runningVariance", F32, variance, width);
        Tensor ty = trial.output("y", dtype, rows, width);
        trial
            .run(() -> device.neural().batchNormEvaluate(tx, tw, tb, EPS, tm, tv, ty))
            .expect(ty, wanted, Tolerance.sum(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void batchNormBackward(DType dtype) {
    for (Mask mask : Mask.values()) {
      batchNormBackward(dtype, mask);
    }
  }

  private void batchNormBackward(DType dtype, Mask mask) {
    for (int[] size : BATCHES) {
      int rows = size[0];
      int width = size[1];
      boolean[] valid = mask.flags(rows);
      float eps = eps(Mask.count(valid, rows));
      Numbers numbers = new Numbers(width);
      double[] x = shifted(numbers, dtype, rows, width);
      double[] dy = numbers.values(dtype, rows * width);
      double[] w = numbers.values(F32, width);
      double[] dwOld = numbers.values(F32, width);
      double[] dbOld = numbers.values(F32, width);
      double[] zeros = new double[width];
      NormReference.BatchNorm forward =
          NormReference.batchNorm(x, valid, w, zeros, eps, 0, zeros, zeros);
      double[] mean = Bits.round(F32, forward.mean());
      double[] rstd = Bits.round(F32, forward.rstd());
      NormReference.Gradient wanted = NormReference.batchNormBackward(dy, x, valid, w, mean, rstd);
      try (Trial trial = trial("batch_norm_backward", dtype, rows, width, mask)) {
        Tensor tdy = trial.input("dy", dtype, dy, rows, width);
        Tensor tx = trial.input("x", dtype, x, rows, width);
        Tensor tv = Mask.input(trial, valid);
        Tensor tw = trial.input("weight", F32, w, width);
        Tensor tm = trial.input("mean", F32, mean, width);
        Tensor tr = trial.input("rstd", F32, rstd, width);
        Tensor tdx = trial.output("dx", dtype, rows, width);
        Tensor tdw = trial.inOut("dWeight", F32, dwOld, width);
        Tensor tdb = trial.inOut("dBias", F32, dbOld, width);
        trial
            .run(() -> device.neural().batchNormBackward(tdy, tx, tv, tw, tm, tr, tdx, tdw, tdb))
            .expect(tdw, sum(dwOld, wanted.dWeight()), Tolerance.sum(F32))
            .expect(tdb, sum(dbOld, wanted.dBias()), Tolerance.sum(F32))
            .expect(tdx, wanted.dx(), Tolerance.sum(dtype));
      }
    }
  }
}
