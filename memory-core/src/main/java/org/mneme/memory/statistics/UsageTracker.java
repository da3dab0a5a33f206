// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.EntryState;

/**
 * Counts on the device how often entries are selected, in any slot and in the first. Counting does
 * not wait for the device. A count overflows after 2³¹ − 1 selections of one entry: reset before.
 */
public final class UsageTracker implements EntryState, AutoCloseable {
  private static final int READ_ROWS = 1 << 20;

  private final Device device;
  private final int entries;
  private final Tensor any;
  private final Tensor top1;
  private final Closer closer = new Closer();
  private Tensor firstSlots;
  private Tensor firstIndices;
  private int slots;

  /** A tracker of a memory of {@code entries} entries; all counts are 0. */
  public UsageTracker(Device device, int entries) {
    this.device = device;
    this.entries = entries;
    try {
      this.any = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, entries));
      this.top1 = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, entries));
      device.transfer().fill(any, 0);
      device.transfer().fill(top1, 0);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /**
   * Counts selections.
   *
   * @param indices selected entries [R, S] I32 (or [N, Hm, S]), best first in each row; −1 for a
   *     selection that is no read, which does not count
   */
  public void record(Tensor indices) {
    int columns = Math.toIntExact(indices.shape().columns());
    int rows = Math.toIntExact(indices.shape().rows());
    device.memory().countIndices(indices, any);
    if (columns == 1) {
      device.memory().countIndices(indices, top1);
      return;
    }
    prepare(rows, columns);
    try (Tensor table = indices.reshape(indices.elementCount(), 1)) {
      device.memory().gatherRows(table, firstSlots, firstIndices);
    }
    device.memory().countIndices(firstIndices, top1);
  }

  /** Positions of the first slots among all selections; kept, since batches have one shape. */
  private void prepare(int rows, int columns) {
    if (firstSlots != null && firstSlots.elementCount() == rows && slots == columns) {
      return;
    }
    closeScratch();
    int[] positions = new int[rows];
    for (int row = 0; row < rows; row++) {
      positions[row] = Math.multiplyExact(row, columns);
    }
    firstIndices = device.allocate(MemoryTag.WORKSPACE, DType.I32, rows, 1);
    slots = columns;
    // The last one, since it stands for both.
    firstSlots =
        Closer.initialized(
            device.allocate(MemoryTag.WORKSPACE, DType.I32, rows),
            tensor -> device.transfer().writeInts(positions, tensor));
  }

  /**
   * The statistics since the last reset; waits for the device.
   *
   * @param mostUsed how many of the most used entries to list
   */
  public UsageStatistics statistics(int mostUsed) {
    UsageCounts counts = new UsageCounts(entries, mostUsed);
    for (long from = 0; from < entries; from += READ_ROWS) {
      long to = Math.min(entries, from + READ_ROWS);
      counts.add(read(any, from, to), read(top1, from, to), (int) (to - from));
    }
    return counts.statistics();
  }

  private int[] read(Tensor counts, long from, long to) {
    try (Tensor piece = counts.rows(from, to)) {
      return device.transfer().readInts(piece);
    }
  }

  /** Sets all counts to 0. */
  public void reset() {
    device.transfer().fill(any, 0);
    device.transfer().fill(top1, 0);
  }

  @Override
  public void resetEntries(int[] changed) {
    if (changed.length == 0) {
      return;
    }
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, changed.length);
        Tensor zeros = device.allocate(MemoryTag.WORKSPACE, DType.I32, changed.length, 1);
        Tensor anyRows = any.reshape(entries, 1);
        Tensor top1Rows = top1.reshape(entries, 1)) {
      device.transfer().writeInts(changed, index);
      device.transfer().fill(zeros, 0);
      device.memory().scatterRows(zeros, index, anyRows);
      device.memory().scatterRows(zeros, index, top1Rows);
    }
  }

  private void closeScratch() {
    Tensor slotsOfBefore = firstSlots;
    firstSlots = null;
    Closer.closeAll(slotsOfBefore, firstIndices);
  }

  @Override
  public void close() {
    Closer.closeAll(this::closeScratch, closer);
  }
}
