// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** The selections of a batch, sorted by entry: one group for each unfrozen entry touched. */
final class Selections implements AutoCloseable {
  private final Device device;
  private final int entryCount;
  private final int frozen;
  private final Closer closer = new Closer();
  private Tensor order;
  private Tensor entries;
  private Tensor starts;
  private int groups;

  Selections(Device device, int entryCount, int frozen) {
    this.device = device;
    this.entryCount = entryCount;
    this.frozen = frozen;
  }

  /** Groups the selections of a batch; waits for the device. */
  void group(EmaBatch batch) {
    long selections = batch.indices().elementCount();
    if (order == null || order.elementCount() != selections) {
      close();
      allocate(selections);
    }
    groups =
        device
            .memory()
            .groupSelections(batch.indices(), entryCount, frozen, order, entries, starts);
  }

  private void allocate(long selections) {
    try {
      starts = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, selections + 1));
      entries = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, selections));
      // The last one, since it stands for all of them.
      order = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, selections));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  int groups() {
    return groups;
  }

  Tensor order() {
    return order;
  }

  /** Where each group starts in {@link #order}, [R + 1]. */
  Tensor starts() {
    return starts;
  }

  /** The entries of all groups, defined up to {@link #groups} [R]. */
  Tensor entries() {
    return entries;
  }

  /** The entries of {@code size} groups from {@code first} on, [size]. */
  Tensor entries(int first, int size) {
    return entries.rows(first, (long) first + size);
  }

  /** How many selections all groups have together; waits for the device. */
  int total() {
    return device.transfer().readInts(starts.rows(groups, groups + 1L))[0];
  }

  @Override
  public void close() {
    order = null;
    closer.close();
  }
}
