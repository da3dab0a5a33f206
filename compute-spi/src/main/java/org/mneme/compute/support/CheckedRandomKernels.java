// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.RandomKernels;

/** Checks the arguments of random operations and times them. */
final class CheckedRandomKernels implements RandomKernels {
  private final RandomKernels kernels;
  private final ArgumentCheck check;
  private final OperationProfiler profiler;

  CheckedRandomKernels(RandomKernels kernels, ArgumentCheck check, OperationProfiler profiler) {
    this.kernels = kernels;
    this.check = check;
    this.profiler = profiler;
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
    long started = profiler.start();
    kernels.normal(out, mean, standardDeviation, seed);
    profiler.stop("normal", started);
  }

  @Override
  public void uniform(Tensor out, float low, float high, long seed) {
    check
        .of("uniform")
        .dtype("out", out, DType.F32)
        .that(Float.isFinite(low), "low", low, "a finite number")
        .that(high > low && Float.isFinite(high), "high", high, "a finite number above low");
    long started = profiler.start();
    kernels.uniform(out, low, high, seed);
    profiler.stop("uniform", started);
  }

  @Override
  public void uniformInts(Tensor out, int low, int high, long seed) {
    check
        .of("uniform_ints")
        .dtype("out", out, DType.I32)
        .that(high > low, "high", high, "a number above low");
    long started = profiler.start();
    kernels.uniformInts(out, low, high, seed);
    profiler.stop("uniform_ints", started);
  }
}
