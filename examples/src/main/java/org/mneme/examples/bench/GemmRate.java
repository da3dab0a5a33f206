// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * The rate at which a device does large matrix products: the scale of all other figures.
 *
 * @param size of the fastest product
 * @param flops floating-point operations a second
 */
record GemmRate(Size size, double flops) {
  private static final int REPEATS = 7;

  /** Products timed together, so that waiting for the device does not count. */
  private static final int TOGETHER = 8;

  private static final Size CPU = new Size(2048, 2048, 2048);

  /** A square, and a layer of the models that are timed. */
  private static final List<Size> GPU =
      List.of(new Size(8192, 8192, 8192), new Size(24_576, 4608, 1024));

  /** The best of the median rates of some products of random matrices. */
  static GemmRate measure(Device device, DType type) {
    if (!BenchDefaults.isGpu(device.info())) {
      return new GemmRate(CPU, median(device, type, CPU, 1));
    }
    GemmRate best = new GemmRate(CPU, 0);
    for (Size size : GPU) {
      double flops = median(device, type, size, TOGETHER);
      best = flops > best.flops ? new GemmRate(size, flops) : best;
    }
    return best;
  }

  private static double median(Device device, DType type, Size size, int together) {
    try (Tensor a = random(device, type, 1, size.m, size.k);
        Tensor b = random(device, type, 2, size.n, size.k);
        Tensor c = device.allocate(MemoryTag.WORKSPACE, type, size.m, size.n)) {
      double[] seconds = new double[REPEATS];
      device.matrix().linear(a, b, c);
      for (int i = 0; i < REPEATS; i++) {
        device.synchronize();
        long start = System.nanoTime();
        for (int j = 0; j < together; j++) {
          device.matrix().linear(a, b, c);
        }
        device.synchronize();
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(seconds);
      return together * 2.0 * size.m * size.n * size.k / seconds[REPEATS / 2];
    }
  }

  private static Tensor random(Device device, DType type, long seed, long rows, long columns) {
    Tensor values = device.allocate(MemoryTag.WORKSPACE, type, rows, columns);
    try (Tensor wide = device.allocate(MemoryTag.WORKSPACE, DType.F32, rows, columns)) {
      device.random().normal(wide, 0, 1, seed);
      device.transfer().copy(wide, values);
      return values;
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "matrix products of %,d x %,d x %,d: %,.0f GFLOP/s",
        size.m,
        size.k,
        size.n,
        flops / 1e9);
  }

  /**
   * The extents of a product.
   *
   * @param m rows of the left matrix
   * @param n columns of the right one
   * @param k terms of each sum
   */
  record Size(long m, long n, long k) {}
}
