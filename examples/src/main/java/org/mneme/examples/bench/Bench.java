// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Arrays;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.OperationProfile;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.ProcessMemory;

/** Times whole training steps of a system. */
final class Bench {
  private final Device device;
  private final BenchDefaults plan;

  Bench(Device device, BenchDefaults plan) {
    this.device = device;
    this.plan = plan;
  }

  BenchResult run(PublishedSystem system, int entries) {
    ProcessMemory.resetPeak();
    BenchShape shape = plan.shape();
    ModelConfig config = shape.config(system, entries);
    try (TimedSystem timed = new TimedSystem(device, config, plan)) {
      seconds(timed, plan.warmUp());
      double[] seconds = new double[plan.blocks()];
      for (int i = 0; i < seconds.length; i++) {
        seconds[i] = seconds(timed, plan.steps());
      }
      Arrays.sort(seconds);
      double speed = plan.steps() * shape.tokensPerStep() / seconds[seconds.length / 2];
      long peak = ProcessMemory.peakResident().orElse(-1);
      MemoryReport memory = device.memoryReport();
      timed.launchOneByOne();
      OperationProfile profile = device.profile(() -> seconds(timed, BenchShape.EMA_EVERY));
      return new BenchResult(
          system,
          config,
          timed.parameters(),
          shape.tokensPerStep(),
          speed,
          peak,
          memory,
          profile,
          BenchShape.EMA_EVERY);
    }
  }

  private double seconds(TimedSystem timed, int steps) {
    device.synchronize();
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      timed.step();
    }
    device.synchronize();
    return (System.nanoTime() - start) / 1e9;
  }
}
