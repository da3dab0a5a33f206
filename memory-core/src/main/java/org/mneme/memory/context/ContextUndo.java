// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.context;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.Closer;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * The entries that a {@link ContextMemory} may change when it reads a few texts, as they were
 * before. They stay on the device, so that what a step has read can be taken back there, once its
 * gradient turns out not to be finite.
 */
public final class ContextUndo implements AutoCloseable {
  private final Device device;
  private final List<Text> texts = new ArrayList<>();
  private final Closer closer = new Closer();

  /**
   * Room for the entries of some texts.
   *
   * @param memory whose origins are kept, or not, from now on
   * @param positions of the longest text
   * @param texts read in a step
   */
  public ContextUndo(ContextMemory memory, long positions, int texts) {
    this.device = memory.owners().device();
    try {
      for (int i = 0; i < texts; i++) {
        this.texts.add(closer.add(new Text(device, memory, positions)));
      }
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /**
   * Saves the entries that a text can change.
   *
   * @param text its number in the step, from 0
   * @param indices of its contexts [N, S] I32
   */
  void save(int text, Tensor indices) {
    texts.get(text).save(device, indices);
  }

  /**
   * Restores all entries.
   *
   * @param read texts of the step that were saved
   */
  public void restore(int read) {
    // The first text saw an entry before all others: its bits are the ones that stay.
    for (int i = read - 1; i >= 0; i--) {
      texts.get(i).restore(device);
    }
  }

  /** Restores all entries of a step if a number on the device is not finite; waits for nothing. */
  public void restoreUnlessFinite(Tensor condition) {
    for (int i = texts.size() - 1; i >= 0; i--) {
      texts.get(i).restoreUnlessFinite(device, condition);
    }
  }

  @Override
  public void close() {
    closer.close();
  }

  /** The rows of each table that a text can change. */
  private static final class Text implements AutoCloseable {
    private final Tensor indices;
    private final List<Tensor> tables;
    private final List<Tensor> saved = new ArrayList<>();
    private final Closer closer = new Closer();
    // Positions that are saved: a text whose end is padding in every sequence is read shorter.
    private long positions;

    Text(Device device, ContextMemory memory, long positions) {
      long rows = positions * memory.slots();
      this.tables = memory.tables();
      try {
        this.indices = closer.add(allocate(device, memory.owners(), positions, memory.slots()));
        for (Tensor table : tables) {
          saved.add(closer.add(allocate(device, table, rows, table.shape().columns())));
        }
      } catch (RuntimeException | Error e) {
        throw closer.closeAfter(e);
      }
    }

    private static Tensor allocate(Device device, Tensor like, long rows, long columns) {
      return device.allocate(MemoryTag.WORKSPACE, like.dtype(), rows, columns);
    }

    private Tensor changed() {
      return indices.rows(0, positions);
    }

    private Tensor old(int table) {
      return saved.get(table).rows(0, positions * indices.shape().columns());
    }

    void save(Device device, Tensor now) {
      positions = now.shape().rows();
      device.transfer().copy(now, changed());
      for (int i = 0; i < tables.size(); i++) {
        device.memory().gatherRows(tables.get(i), changed(), old(i));
      }
    }

    void restore(Device device) {
      for (int i = 0; i < tables.size(); i++) {
        device.memory().scatterRows(old(i), changed(), tables.get(i));
      }
    }

    void restoreUnlessFinite(Device device, Tensor condition) {
      for (int i = 0; i < tables.size(); i++) {
        Tensor table = tables.get(i);
        Tensor old = old(i);
        long rows = old.shape().rows();
        try (Tensor now = allocate(device, table, rows, table.shape().columns())) {
          device.memory().gatherRows(table, changed(), now);
          device.optimizer().restoreUnlessFinite(condition, old, now);
          device.memory().scatterRows(now, changed(), table);
        }
      }
    }

    @Override
    public void close() {
      closer.close();
    }
  }
}
