// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.memory.statistics.UsageTracker;
import org.mneme.model.layers.SelectionObserver;

/**
 * Counts on the device what memory layers select, at positions that have a target: padding is no
 * use.
 */
public final class UsageObserver implements SelectionObserver, AutoCloseable {
  private final Device device;
  private final UsageTracker tracker;
  private int[] counted = {};
  private boolean all;

  /** An observer of a memory of {@code entries} entries that has seen nothing. */
  public UsageObserver(Device device, int entries) {
    this.device = device;
    this.tracker = new UsageTracker(device, entries);
  }

  /** Forgets what was counted. */
  public void reset() {
    tracker.reset();
  }

  /** Announces the batch that runs next by its targets; those that are masked do not count. */
  public void begin(int[] targets) {
    counted =
        IntStream.range(0, targets.length).filter(i -> targets[i] != TrainingPass.MASKED).toArray();
    all = counted.length == targets.length;
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    if (all) {
      tracker.record(indices);
      return;
    }
    long positions = indices.shape().extent(0);
    long perPosition = indices.elementCount() / positions;
    long slots = indices.shape().columns();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, counted.length);
        Tensor picked =
            device.allocate(MemoryTag.WORKSPACE, DType.I32, counted.length, perPosition)) {
      device.transfer().writeInts(counted, index);
      device.memory().gatherRows(indices.reshape(positions, perPosition), index, picked);
      tracker.record(picked.reshape(picked.elementCount() / slots, slots));
    }
  }

  /**
   * What was counted since the last reset; waits for the device.
   *
   * @param mostUsed how many of the most used entries to list
   */
  public UsageStatistics statistics(int mostUsed) {
    return tracker.statistics(mostUsed);
  }

  @Override
  public void close() {
    tracker.close();
  }
}
