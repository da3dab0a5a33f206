// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;

/**
 * Which row of a sparse state belongs to which entry. Rows are allotted as entries come; when all
 * are taken, the entry that was used least recently gives up its row.
 */
final class RowTable {
  private static final int NONE = -1;

  private final int capacity;
  private final int[] rowOf;
  private int[] entryOf = new int[0];
  private int[] older = new int[0];
  private int[] newer = new int[0];
  private int oldest = NONE;
  private int newest = NONE;
  private int[] free = new int[0];
  private int freeCount;
  private int size;
  private long evictions;

  /** A table of {@code entries} entries with at most {@code capacity} rows. */
  RowTable(int entries, int capacity) {
    this.capacity = capacity;
    this.rowOf = new int[entries];
    Arrays.fill(rowOf, NONE);
  }

  /** The row of an entry, now the one used last; −1 if it has none. */
  int use(int entry) {
    int row = rowOf[entry];
    if (row != NONE) {
      unlink(row);
      append(row);
    }
    return row;
  }

  /** The row of an entry; −1 if it has none. */
  int rowOf(int entry) {
    return rowOf[entry];
  }

  /** A row for an entry that has none; a row below the former {@link #size()} was used before. */
  int allot(int entry) {
    int row = freeRow();
    rowOf[entry] = row;
    entryOf[row] = entry;
    append(row);
    return row;
  }

  private int freeRow() {
    if (freeCount > 0) {
      return free[--freeCount];
    }
    if (size < capacity) {
      reserve(size + 1);
      return size++;
    }
    int row = oldest;
    unlink(row);
    rowOf[entryOf[row]] = NONE;
    evictions++;
    return row;
  }

  private void reserve(int rows) {
    if (rows <= entryOf.length) {
      return;
    }
    int length = (int) Math.min(capacity, Math.max(rows, Math.max(64L, 2L * entryOf.length)));
    entryOf = Arrays.copyOf(entryOf, length);
    older = Arrays.copyOf(older, length);
    newer = Arrays.copyOf(newer, length);
  }

  /** Takes an entry's row away, if it has one. */
  void release(int entry) {
    int row = rowOf[entry];
    if (row == NONE) {
      return;
    }
    unlink(row);
    rowOf[entry] = NONE;
    entryOf[row] = NONE;
    pushFree(row);
  }

  private void pushFree(int row) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, Math.max(16, 2 * freeCount));
    }
    free[freeCount++] = row;
  }

  private void unlink(int row) {
    int before = older[row];
    int after = newer[row];
    if (before == NONE) {
      oldest = after;
    } else {
      newer[before] = after;
    }
    if (after == NONE) {
      newest = before;
    } else {
      older[after] = before;
    }
  }

  private void append(int row) {
    older[row] = newest;
    newer[row] = NONE;
    if (newest == NONE) {
      oldest = row;
    } else {
      newer[newest] = row;
    }
    newest = row;
  }

  /** Rows that were ever allotted: all rows in use lie below. */
  int size() {
    return size;
  }

  /** Entries that lost their row to another. */
  long evictions() {
    return evictions;
  }

  /** The entry of each row below {@link #size()}, −1 for a free row. */
  int[] entriesByRow() {
    return Arrays.copyOf(entryOf, size);
  }

  /**
   * All rows below {@link #size()}: those in use, least recently used first, then the free ones.
   */
  int[] rowsByUse() {
    int[] rows = new int[size];
    int used = 0;
    for (int row = oldest; row != NONE; row = newer[row]) {
      rows[used++] = row;
    }
    System.arraycopy(free, 0, rows, used, freeCount);
    return rows;
  }

  /** Takes over what {@link #entriesByRow} and {@link #rowsByUse} of another table gave. */
  void restore(int[] entriesByRow, int[] rowsByUse) {
    Arrays.fill(rowOf, NONE);
    oldest = NONE;
    newest = NONE;
    freeCount = 0;
    size = entriesByRow.length;
    reserve(size);
    System.arraycopy(entriesByRow, 0, entryOf, 0, size);
    for (int row : rowsByUse) {
      if (entryOf[row] == NONE) {
        pushFree(row);
      } else {
        rowOf[entryOf[row]] = row;
        append(row);
      }
    }
  }
}
