// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.memory.statistics.UsageTracker;
import org.mneme.model.LanguageModel;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.train.data.Batch;

/** Counts what the memory layers select at positions that have a target: padding is no use. */
final class UsageObserver implements SelectionObserver, AutoCloseable {
  private final Device device;
  private final UsageTracker tracker;
  private int[] positions = {};
  private boolean all;

  UsageObserver(int entries, LanguageModel model) {
    this.device = model.device();
    this.tracker = new UsageTracker(device, entries);
  }

  void reset() {
    tracker.reset();
  }

  /** Names the batch that runs next. */
  void consider(Batch batch) {
    all = batch.targetCount() == batch.targets().length;
    positions = new int[batch.targetCount()];
    int found = 0;
    for (int i = 0; i < batch.targets().length; i++) {
      if (batch.targets()[i] != Batch.MASKED) {
        positions[found++] = i;
      }
    }
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    if (all) {
      tracker.record(indices);
      return;
    }
    long rows = indices.shape().extent(0);
    long width = indices.elementCount() / rows;
    long slots = indices.shape().columns();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions.length);
        Tensor chosen = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions.length, width)) {
      device.transfer().writeInts(positions, index);
      device.memory().gatherRows(indices.reshape(rows, width), index, chosen);
      tracker.record(chosen.reshape(chosen.elementCount() / slots, slots));
    }
  }

  UsageStatistics statistics(int mostUsed) {
    return tracker.statistics(mostUsed);
  }

  @Override
  public void close() {
    tracker.close();
  }
}
