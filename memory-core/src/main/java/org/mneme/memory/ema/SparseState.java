// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The float state of touched token entries. Of each place it keeps the original tokens t⁰, a
 * coefficient c and a feature a: the place stands for c·E[t⁰] + a, at first with c = 1 and a = 0.
 * Tables grow with the entries touched; place p of row r has line r·places + p.
 */
final class SparseState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SparseState.class);
  private static final int FIRST_ROWS = 1024;

  private final Device device;
  private final Tensor bank;
  private final int places;
  private final int width;
  private final long vocabulary;
  private final int capacity;
  private final RowTable table;
  private Tensor tokens;
  private Tensor features;
  private float[] coefficients = new float[0];
  private int[] updated = new int[0];
  private int rows;
  private boolean fullLogged;

  SparseState(TokenCodebook codebook, int places, Shape embeddings, int capacity) {
    this.device = codebook.device();
    this.bank = codebook.bank();
    this.places = places;
    this.width = Math.toIntExact(embeddings.columns());
    this.vocabulary = embeddings.extent(0);
    this.capacity = capacity;
    this.table = new RowTable(codebook.entries(), capacity);
  }

  /**
   * The row of each entry, allotted where there is none. Rows of these entries are not given up for
   * each other as long as the capacity holds them all.
   *
   * @param update number of this update: new rows count as updated by the one before
   */
  int[] rowsOf(int[] entries, int update) {
    int[] found = new int[entries.length];
    int missing = 0;
    for (int i = 0; i < entries.length; i++) {
      found[i] = table.use(entries[i]);
      missing += found[i] < 0 ? 1 : 0;
    }
    if (missing == 0) {
      return found;
    }
    int before = table.size();
    int[] newEntries = new int[missing];
    int[] newRows = new int[missing];
    for (int i = 0, next = 0; i < entries.length; i++) {
      if (found[i] < 0) {
        found[i] = table.allot(entries[i]);
        newEntries[next] = entries[i];
        newRows[next++] = found[i];
      }
    }
    warnIfFull();
    grow(table.size());
    start(newEntries, newRows, before, update);
    return found;
  }

  private void warnIfFull() {
    if (table.evictions() > 0 && !fullLogged) {
      fullLogged = true;
      LOG.warn(
          "The EMA state is full: {} entries (ema_shadow_capacity) have one, and the entry untouched"
              + " for longest gives it up for each new one, to start again from its tokens",
          capacity);
    }
  }

  private void grow(int needed) {
    if (needed <= rows) {
      return;
    }
    int wanted = (int) Math.min(capacity, Math.max(needed, Math.max(FIRST_ROWS, 2L * rows)));
    int lines = Math.multiplyExact(wanted, places);
    tokens = grow(tokens, DType.I32, lines, bank.shape().columns() / places);
    features = grow(features, DType.F32, lines, width);
    coefficients = Arrays.copyOf(coefficients, lines);
    updated = Arrays.copyOf(updated, lines);
    rows = wanted;
    LOG.debug("EMA state of {} entries: {} MB", wanted, features.byteCount() >> 20);
  }

  /** A longer copy; new lines are zeros, since 0·undefined is not always 0. */
  private Tensor grow(Tensor old, DType dtype, long lines, long columns) {
    long kept = old == null ? 0 : old.shape().extent(0);
    Tensor longer =
        Closer.initialized(
            device.allocate(MemoryTag.MEMORY_BANK, dtype, lines, columns),
            tensor -> {
              if (old != null) {
                device.transfer().copy(old, tensor.rows(0, kept));
              }
              device.transfer().fill(tensor.rows(kept, lines), 0);
            });
    if (old != null) {
      old.close();
    }
    return longer;
  }

  /** Starts rows from the tokens that their entries have now. */
  private void start(int[] entries, int[] newRows, int firstUnused, int update) {
    int[] lines = new int[newRows.length * places];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = newRows[i / places] * places + i % places;
      coefficients[lines[i]] = 1f;
      updated[lines[i]] = update - 1;
    }
    long columns = bank.shape().columns();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, lines.length);
        Tensor contents =
            device.allocate(MemoryTag.WORKSPACE, DType.I32, entries.length, columns)) {
      Tensor entryIndex = index.rows(0, entries.length);
      device.transfer().writeInts(entries, entryIndex);
      device.memory().gatherRows(bank, entryIndex, contents);
      device.transfer().writeInts(lines, index);
      Tensor byLine = contents.reshape(lines.length, columns / places);
      device.memory().scatterRows(byLine, index, tokens);
    }
    int[] reused = Arrays.stream(lines).filter(line -> line / places < firstUnused).toArray();
    if (reused.length > 0) {
      clearFeatures(reused);
    }
  }

  private void clearFeatures(int[] lines) {
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, lines.length);
        Tensor zeros = device.allocate(MemoryTag.WORKSPACE, DType.F32, lines.length, width)) {
      device.transfer().writeInts(lines, index);
      device.transfer().fill(zeros, 0);
      device.memory().scatterRows(zeros, index, features);
    }
  }

  /** t⁰ by line, [lines, K/places] I32; null as long as no row is allotted. */
  Tensor tokens() {
    return tokens;
  }

  /** a by line, [lines, W] F32; null as long as no row is allotted. */
  Tensor features() {
    return features;
  }

  /** c by line; changed in place. */
  float[] coefficients() {
    return coefficients;
  }

  /** The number of the update that last moved each line; changed in place. */
  int[] updated() {
    return updated;
  }

  void release(int[] entries) {
    for (int entry : entries) {
      table.release(entry);
    }
  }

  void forEachState(StateVisitor visitor) {
    int size = table.size();
    visitor.visit("sparse.size", new int[] {size});
    if (size == 0) {
      return;
    }
    int lines = size * places;
    visitor.visit("sparse.entries", table.entriesByRow());
    visitor.visit("sparse.rows_by_use", table.rowsByUse());
    visitor.visit("sparse.coefficients", Arrays.copyOf(coefficients, lines));
    visitor.visit("sparse.updated", Arrays.copyOf(updated, lines));
    visitor.visit("sparse.tokens", tokens.rows(0, lines));
    visitor.visit("sparse.features", features.rows(0, lines));
  }

  /**
   * Takes over a stored state.
   *
   * @param updates numbers that an update can have had so far
   */
  void restore(StateSource source, Values updates) {
    Values sizes = Values.integers("a number of entries", 0, capacity + 1L);
    int size = States.ints(source, "sparse.size", 1, sizes)[0];
    if (rows > size) {
      device.transfer().fill(features.rows((long) size * places, (long) rows * places), 0);
    }
    if (size == 0) {
      table.restore(new int[0], new int[0]);
      return;
    }
    Values free = Values.integers("an entry, or -1,", -1, bank.shape().extent(0));
    int[] entries = States.ints(source, "sparse.entries", size, free);
    int[] order =
        States.ints(source, "sparse.rows_by_use", size, Values.integers("a row", 0, size));
    requireDistinct("sparse.entries", entries);
    requireDistinct("sparse.rows_by_use", order);
    table.restore(entries, order);
    grow(size);
    int lines = size * places;
    float[] c = States.floats(source, "sparse.coefficients", lines, Values.finite());
    int[] u = States.ints(source, "sparse.updated", lines, updates);
    System.arraycopy(c, 0, coefficients, 0, lines);
    System.arraycopy(u, 0, updated, 0, lines);
    Values ids = Values.integers("a token id", 0, vocabulary);
    States.read(source, "sparse.tokens", tokens.rows(0, lines), ids);
    States.read(source, "sparse.features", features.rows(0, lines), Values.finite());
  }

  /** All but −1 are distinct, which the row table relies on. */
  private static void requireDistinct(String name, int[] values) {
    int[] sorted = values.clone();
    Arrays.sort(sorted);
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] >= 0 && sorted[i] == sorted[i - 1]) {
        throw new UserException(name + ": expected distinct values, got " + sorted[i] + " twice");
      }
    }
  }

  @Override
  public void close() {
    Closer.closeAll(tokens, features);
  }
}
