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
  private final IndexChecks indexChecks;
  private final OperationRunner operations;

  CheckedOptimizerKernels(
      OptimizerKernels kernels,
      ArgumentCheck check,
      IndexChecks indices,
      OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.indexChecks = indices;
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
  public void clipFactors(Tensor sumsOfSquares, Tensor maxNorms, Tensor factors, Tensor skipped) {
    check.of("clip_factors").dtype("sumsOfSquares", sumsOfSquares, DType.F32);
    long parts = sumsOfSquares.elementCount();
    check
        .shapeThat(parts > 0, "sumsOfSquares", sumsOfSquares, "[G], at least one")
        .vector("maxNorms", maxNorms, DType.F32, parts)
        .vector("factors", factors, DType.F32, parts)
        .disjoint("factors", factors, "sumsOfSquares", sumsOfSquares)
        .disjoint("factors", factors, "maxNorms", maxNorms)
        .vector("skipped", skipped, DType.I32, 1);
    operations.run(
        "clip_factors", () -> kernels.clipFactors(sumsOfSquares, maxNorms, factors, skipped));
  }

  @Override
  public void restoreUnlessFinite(Tensor condition, Tensor saved, Tensor target) {
    check
        .of("restore_unless_finite")
        .scalar("condition", condition)
        .tensor("saved", saved)
        .dtype("target", target, saved.dtype())
        .sameShape("target", target, saved)
        .disjoint("target", target, "saved", saved)
        .disjoint("target", target, "condition", condition);
    if (saved.dtype() == DType.BF16) {
      throw check.illegal("saved", "has dtype " + saved.dtype(), "F32 or I32");
    }
    operations.run(
        "restore_unless_finite", () -> kernels.restoreUnlessFinite(condition, saved, target));
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
        "sum_of_squares_rows",
        () -> {
          indexChecks.list("sum_of_squares_rows", rows, rowCount, x.shape().rows());
          kernels.sumOfSquaresRows(x, rows, rowCount, mode, out);
        });
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
        () -> {
          indexChecks.list("adam_w_rows", rows, rowCount, weights.shape().rows());
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
              gradientFactor);
        });
  }
}
