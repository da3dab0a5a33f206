// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;

/** Checks the arguments of optimiser operations and times them. */
final class CheckedOptimizerKernels implements OptimizerKernels {
  private final OptimizerKernels kernels;
  private final ArgumentCheck check;
  private final OperationRunner operations;

  CheckedOptimizerKernels(
      OptimizerKernels kernels, ArgumentCheck check, OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.operations = operations;
  }

  @Override
  public void sumOfSquares(Tensor x, Accumulation mode, Tensor out) {
    check.of("sum_of_squares").floating("x", x).scalar("out", out).disjoint("out", out, "x", x);
    if (mode == null) {
      throw check.illegal("mode", "is null", "REPLACE or ADD");
    }
    operations.run("sum_of_squares", () -> kernels.sumOfSquares(x, mode, out));
  }

  @Override
  public void clipFactor(Tensor sumOfSquares, float maxNorm, Tensor factor) {
    check
        .of("clip_factor")
        .scalar("sumOfSquares", sumOfSquares)
        .that(maxNorm > 0, "maxNorm", maxNorm, "> 0")
        .scalar("factor", factor)
        .disjoint("factor", factor, "sumOfSquares", sumOfSquares);
    operations.run("clip_factor", () -> kernels.clipFactor(sumOfSquares, maxNorm, factor));
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
    check.of("adam_w");
    checkAdamW(weights, gradient, moment1, moment2, copy, settings, schedule, gradientFactor);
    operations.run(
        "adam_w",
        () ->
            kernels.adamW(
                weights, gradient, moment1, moment2, copy, settings, schedule, gradientFactor));
  }

  private void checkAdamW(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    check
        .dtype("weights", weights, DType.F32)
        .dtype("gradient", gradient, DType.F32)
        .sameShape("gradient", gradient, weights)
        .dtype("moment1", moment1, DType.F32)
        .sameShape("moment1", moment1, weights)
        .dtype("moment2", moment2, DType.F32)
        .sameShape("moment2", moment2, weights)
        .disjoint("weights", weights, "gradient", gradient)
        .disjoint("moment1", moment1, "weights", weights)
        .disjoint("moment1", moment1, "gradient", gradient)
        .disjoint("moment2", moment2, "weights", weights)
        .disjoint("moment2", moment2, "gradient", gradient)
        .disjoint("moment2", moment2, "moment1", moment1)
        .vector("schedule", schedule, DType.F32, 3)
        .scalar("gradientFactor", gradientFactor);
    if (copy != null) {
      check.dtype("copy", copy, DType.BF16).sameShape("copy", copy, weights);
    }
    if (settings == null) {
      throw check.illegal("settings", "is null", "the constants of AdamW");
    }
  }

  @Override
  public void sumOfSquaresRows(
      Tensor x, Tensor rows, Tensor rowCount, Accumulation mode, Tensor out) {
    check
        .of("sum_of_squares_rows")
        .dtype("x", x, DType.F32)
        .dtype("rows", rows, DType.I32)
        .vector("rowCount", rowCount, DType.I32, 1)
        .scalar("out", out)
        .disjoint("out", out, "x", x);
    if (mode == null) {
      throw check.illegal("mode", "is null", "REPLACE or ADD");
    }
    operations.run(
        "sum_of_squares_rows", () -> kernels.sumOfSquaresRows(x, rows, rowCount, mode, out));
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
    check
        .of("adam_w_rows")
        .dtype("rows", rows, DType.I32)
        .vector("rowCount", rowCount, DType.I32, 1);
    checkAdamW(weights, gradient, moment1, moment2, copy, settings, schedule, gradientFactor);
    operations.run(
        "adam_w_rows",
        () ->
            kernels.adamWRows(
                weights,
                gradient,
                moment1,
                moment2,
                copy,
                rows,
                rowCount,
                settings,
                schedule,
                gradientFactor));
  }
}
