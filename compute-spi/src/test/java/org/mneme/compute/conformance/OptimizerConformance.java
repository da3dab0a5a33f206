// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.OptimizerReference;
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
}
