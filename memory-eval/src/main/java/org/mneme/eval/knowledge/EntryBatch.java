// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;
import org.mneme.model.LanguageModel;

/** Gathers new contents of entries and writes many at a time. */
final class EntryBatch implements AutoCloseable {
  private static final int BUFFERED_ELEMENTS = 1 << 18;

  private final LanguageModel model;
  private final int width;
  private final Tensor rows;
  private final int[] entries;
  private final int[] tokens;
  private final float[] values;
  private int size;

  EntryBatch(LanguageModel model) {
    Codebook memory = Memories.of(model);
    this.model = model;
    this.width = memory.width();
    int capacity = Math.min(memory.entries(), Math.max(1, BUFFERED_ELEMENTS / width));
    DType type = memory.bank().dtype();
    this.rows = model.device().allocate(MemoryTag.WORKSPACE, type, capacity, width);
    this.entries = new int[capacity];
    this.tokens = type == DType.I32 ? new int[capacity * width] : new int[0];
    this.values = type == DType.I32 ? new float[0] : new float[capacity * width];
  }

  void add(int entry, int[] contents) {
    System.arraycopy(contents, 0, tokens, size * width, width);
    added(entry);
  }

  void add(int entry, float[] contents) {
    System.arraycopy(contents, 0, values, size * width, width);
    added(entry);
  }

  private void added(int entry) {
    entries[size++] = entry;
    if (size == entries.length) {
      flush();
    }
  }

  /** Writes what was gathered. */
  void flush() {
    if (size == 0) {
      return;
    }
    Device device = model.device();
    Tensor used = rows.rows(0, size);
    if (rows.dtype() == DType.I32) {
      device.transfer().writeInts(Arrays.copyOf(tokens, size * width), used);
    } else {
      device.transfer().writeFloats(Arrays.copyOf(values, size * width), used);
    }
    Memories.write(model, Arrays.copyOf(entries, size), used);
    size = 0;
  }

  @Override
  public void close() {
    rows.close();
  }
}
