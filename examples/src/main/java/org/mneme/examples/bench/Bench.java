// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.OperationProfile;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.ProcessMemory;

/** Times whole training steps of a system. */
final class Bench {
  /** Steps of a block: one EMA period, so that every block holds one update. */
  private static final int BLOCK = 5;

  private final Device device;
  private final BenchShape shape;
  private final int blocks;

  Bench(Device device, BenchShape shape, int blocks) {
    this.device = device;
    this.shape = shape;
    this.blocks = blocks;
  }

  BenchResult run(PublishedSystem system) {
    ProcessMemory.resetPeak();
    try (TimedSystem timed = new TimedSystem(device, shape.config(system), shape, DType.F32)) {
      block(timed);
      double[] seconds = new double[blocks];
      for (int i = 0; i < blocks; i++) {
        seconds[i] = block(timed);
      }
      long peak = ProcessMemory.peakResident().orElse(-1);
      OperationProfile profile = device.profile(() -> block(timed));
      Arrays.sort(seconds);
      double speed = BLOCK * shape.tokensPerStep() / seconds[blocks / 2];
      return new BenchResult(system, timed.parameters(), speed, peak, profile, BLOCK);
    }
  }

  private double block(TimedSystem timed) {
    device.synchronize();
    long start = System.nanoTime();
    for (int i = 0; i < BLOCK; i++) {
      timed.step();
    }
    device.synchronize();
    return (System.nanoTime() - start) / 1e9;
  }
}
