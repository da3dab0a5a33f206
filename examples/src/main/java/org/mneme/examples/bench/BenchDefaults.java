// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.train.optimizer.MemoryOptimizer;

/**
 * What is timed if nothing else is asked for.
 *
 * @param shape sizes, for which there are figures of PyTorch
 * @param type to compute with
 * @param memoryOptimizer which learned memory values a step moves
 * @param blocks of steps, of which the median counts
 * @param steps of a block, in multiples of an EMA period
 * @param warmUp steps before the clock starts
 */
record BenchDefaults(
    BenchShape shape,
    DType type,
    MemoryOptimizer memoryOptimizer,
    int blocks,
    int steps,
    int warmUp) {
  private static final BenchDefaults CPU =
      new BenchDefaults(
          new BenchShape(256, 4, 8, 4, BenchShape.BY_WIDTH, 256, 8, 6400, false),
          DType.F32,
          MemoryOptimizer.DENSE,
          3,
          BenchShape.EMA_EVERY,
          BenchShape.EMA_EVERY);

  /** Steps of both kinds, with and without EMA, run twice before they are replayed. */
  private static final BenchDefaults GPU =
      new BenchDefaults(
          new BenchShape(512, 8, 32, 8, 1408, 512, 48, 6400, true),
          DType.BF16,
          MemoryOptimizer.DENSE,
          5,
          20,
          20);

  /** The defaults for a device: half precision is what a GPU is for, where it has it. */
  static BenchDefaults of(DeviceInfo device) {
    if (!isGpu(device)) {
      return CPU;
    }
    return device.dtypes().contains(DType.BF16) ? GPU : GPU.with(DType.F32);
  }

  /** Whether a device is other than the machine's processor, whatever it computes with. */
  static boolean isGpu(DeviceInfo device) {
    return !device.id().equals("cpu");
  }

  private BenchDefaults with(DType other) {
    return new BenchDefaults(shape, other, memoryOptimizer, blocks, steps, warmUp);
  }
}
