// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** The rate at which a device does large matrix products: the scale of all other figures. */
final class GemmRate {
  private static final int SIZE = 2048;
  private static final int REPEATS = 7;

  private GemmRate() {}

  /** The median rate of F32 products of 2048 × 2048 matrices of random numbers, in GFLOP/s. */
  static double measure(Device device) {
    try (Tensor a = device.allocate(MemoryTag.WORKSPACE, DType.F32, SIZE, SIZE);
        Tensor b = device.allocate(MemoryTag.WORKSPACE, DType.F32, SIZE, SIZE);
        Tensor c = device.allocate(MemoryTag.WORKSPACE, DType.F32, SIZE, SIZE)) {
      device.random().normal(a, 0, 1, 1);
      device.random().normal(b, 0, 1, 2);
      double[] seconds = new double[REPEATS];
      device.matrix().linear(a, b, c);
      for (int i = 0; i < REPEATS; i++) {
        device.synchronize();
        long start = System.nanoTime();
        device.matrix().linear(a, b, c);
        device.synchronize();
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(seconds);
      return 2.0 * SIZE * SIZE * SIZE / seconds[REPEATS / 2] / 1e9;
    }
  }
}
