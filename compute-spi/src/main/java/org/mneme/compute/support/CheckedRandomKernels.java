// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.RandomKernels;

/** Checks the arguments of random operations and times them. */
final class CheckedRandomKernels implements RandomKernels {
  private final RandomKernels kernels;
  private final ArgumentCheck check;
  private final OperationRunner operations;

  CheckedRandomKernels(RandomKernels kernels, ArgumentCheck check, OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.operations = operations;
  }

  @Override
  public void normal(Tensor out, float mean, float standardDeviation, long seed) {
    check
        .of("normal")
        .dtype("out", out, DType.F32)
        .that(Float.isFinite(mean), "mean", mean, "a finite number")
        .that(
            standardDeviation >= 0 && Float.isFinite(standardDeviation),
            "standardDeviation",
            standardDeviation,
            "a finite number >= 0");
    operations.run("normal", () -> kernels.normal(out, mean, standardDeviation, seed));
  }

  @Override
  public void uniform(Tensor out, float low, float high, long seed) {
    check
        .of("uniform")
        .dtype("out", out, DType.F32)
        .that(Float.isFinite(low), "low", low, "a finite number")
        .that(high > low && Float.isFinite(high), "high", high, "a finite number above low");
    operations.run("uniform", () -> kernels.uniform(out, low, high, seed));
  }

  @Override
  public void uniformInts(Tensor out, int low, int high, long seed) {
    check
        .of("uniform_ints")
        .dtype("out", out, DType.I32)
        .that(high > low, "high", high, "a number above low");
    operations.run("uniform_ints", () -> kernels.uniformInts(out, low, high, seed));
  }
}
