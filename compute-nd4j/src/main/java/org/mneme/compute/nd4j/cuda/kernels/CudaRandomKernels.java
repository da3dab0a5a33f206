// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * Random numbers by the same generator and transforms as on the CPU: uniform numbers and integers
 * have the same bits, normal ones differ at most in the last.
 */
public final class CudaRandomKernels implements RandomKernels {
  private static final int THREADS = 256;

  /** Elements that a thread makes: the words of a block of the generator. */
  private static final int WORDS = 4;

  private final CudaRuntime cuda;

  /** Kernels that work with {@code cuda}. */
  public CudaRandomKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  @Override
  public void normal(Tensor out, float mean, float standardDeviation, long seed) {
    if (out.elementCount() > 0) {
      launch("normal", out).f32(mean).f32(standardDeviation).i64(seed).run();
    }
  }

  @Override
  public void uniform(Tensor out, float low, float high, long seed) {
    if (out.elementCount() > 0) {
      float last = Math.max(low, Math.nextDown(high));
      launch("uniform", out).f32(low).f32(high - low).f32(last).i64(seed).run();
    }
  }

  @Override
  public void uniformInts(Tensor out, int low, int high, long seed) {
    if (out.elementCount() > 0) {
      launch("uniform_ints", out).i32(low).i64((long) high - low).i64(seed).run();
    }
  }

  private Launch launch(String kernel, Tensor out) {
    long count = out.elementCount();
    return cuda.kernel("random", kernel, out.dtype())
        .grid(Grids.groups(count, WORDS * THREADS))
        .block(THREADS)
        .tensor(out)
        .i64(count);
  }
}
