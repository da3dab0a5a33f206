// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.ints;
import static org.mneme.compute.conformance.plain.PlainDevice.put;

import java.util.Arrays;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.OptimizerReference;
import org.mneme.compute.conformance.reference.RowReference;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;

/** Parameter updates by the references. */
final class PlainOptimizerKernels implements OptimizerKernels {
  @Override
  public void sumOfSquares(Tensor x, Accumulation mode, Tensor out) {
    double old = mode == Accumulation.ADD ? get(out)[0] : 0;
    put(out, new double[] {old + OptimizerReference.sumOfSquares(get(x))});
  }

  @Override
  public void clipFactors(Tensor sumsOfSquares, Tensor maxNorms, Tensor factors, Tensor skipped) {
    double[] result = OptimizerReference.clipFactors(get(sumsOfSquares), get(maxNorms));
    put(factors, result);
    if (!Double.isFinite(result[0])) {
      put(skipped, new double[] {get(skipped)[0] + 1});
    }
  }

  @Override
  public void restoreUnlessFinite(Tensor condition, Tensor saved, Tensor target) {
    if (!Double.isFinite(get(condition)[0])) {
      put(target, get(saved));
    }
  }

  @Override
  public void adamW(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    double[] w = get(weights);
    double[] m = get(moment1);
    double[] v = get(moment2);
    double[] now = get(schedule);
    double factor = get(gradientFactor)[0];
    if (!Double.isFinite(factor)) {
      return;
    }
    OptimizerReference.adamW(w, get(gradient), m, v, settings, now[0], now[1], now[2], factor);
    put(weights, w);
    put(moment1, m);
    put(moment2, v);
    if (copy != null) {
      put(copy, get(weights));
    }
  }

  @Override
  public void sumOfSquaresRows(
      Tensor x, Tensor rows, Tensor rowCount, Accumulation mode, Tensor out) {
    double old = mode == Accumulation.ADD ? get(out)[0] : 0;
    double[] read = RowReference.gather(get(x), listed(rows, rowCount), columns(x));
    put(out, new double[] {old + OptimizerReference.sumOfSquares(read)});
  }

  @Override
  public void adamWRows(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      Tensor rows,
      Tensor rowCount,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    for (int row : listed(rows, rowCount)) {
      adamW(
          weights.rows(row, row + 1L),
          gradient.rows(row, row + 1L),
          moment1.rows(row, row + 1L),
          moment2.rows(row, row + 1L),
          copy == null ? null : copy.rows(row, row + 1L),
          settings,
          schedule,
          gradientFactor);
    }
  }

  private static int[] listed(Tensor rows, Tensor rowCount) {
    return Arrays.copyOf(ints(rows), ints(rowCount)[0]);
  }
}
