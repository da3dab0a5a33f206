// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.memory.statistics.UsageTracker;
import org.mneme.model.layers.SelectionObserver;

/** Counts selections on the device, at positions that have a target only. */
final class UsageObserver implements SelectionObserver, AutoCloseable {
  private final Device device;
  private final UsageTracker tracker;
  private Tensor counted;

  UsageObserver(Device device, int entries) {
    this.device = device;
    this.tracker = new UsageTracker(device, entries);
  }

  /** Announces the batch whose selections follow. */
  void begin(TokenBatch batch) {
    closeCounted();
    int[] places = new int[batch.targetCount()];
    int next = 0;
    for (int i = 0; i < batch.targets().length; i++) {
      if (batch.counts(i)) {
        places[next++] = i;
      }
    }
    counted = device.allocate(MemoryTag.WORKSPACE, DType.I32, places.length);
    device.transfer().writeInts(places, counted);
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    long positions = indices.shape().extent(0);
    long slots = indices.shape().columns();
    long perPosition = indices.elementCount() / positions;
    long rows = counted.elementCount();
    try (Tensor table = indices.reshape(positions, perPosition);
        Tensor picked = device.allocate(MemoryTag.WORKSPACE, DType.I32, rows, perPosition);
        Tensor byHead = picked.reshape(rows * perPosition / slots, slots)) {
      device.memory().gatherRows(table, counted, picked);
      tracker.record(byHead);
    }
  }

  UsageStatistics statistics(int mostUsed) {
    return tracker.statistics(mostUsed);
  }

  private void closeCounted() {
    if (counted != null) {
      counted.close();
    }
  }

  @Override
  public void close() {
    closeCounted();
    tracker.close();
  }
}
