// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/**
 * The rows that take part in a statistic, ascending. Sums go over their ranks and not over all
 * rows, so that rows in between which take no part change no rounding.
 */
public final class ValidRows {
  private final long count;
  private final boolean[] flags;
  private final int[] rows;

  private ValidRows(long count, boolean[] flags, int[] rows) {
    this.count = count;
    this.flags = flags;
    this.rows = rows;
  }

  /**
   * Reads which rows take part.
   *
   * @param valid 0 for a row that takes none [total] I32; null if all do
   * @param total the number of rows
   */
  public static ValidRows of(HostTensor valid, long total) {
    if (valid == null) {
      return new ValidRows(total, null, null);
    }
    int length = Math.toIntExact(total);
    int[] rows = new int[length];
    valid.get(0, rows, 0, length);
    boolean[] flags = new boolean[length];
    int count = 0;
    for (int row = 0; row < length; row++) {
      flags[row] = rows[row] != 0;
      if (flags[row]) {
        rows[count++] = row;
      }
    }
    return new ValidRows(count, flags, rows);
  }

  /** Returns the number of rows that take part. */
  public long count() {
    return count;
  }

  /** Returns whether a row takes part. */
  public boolean has(long row) {
    return flags == null || flags[(int) row];
  }

  /** Returns whether a row takes part, of a table whose rows repeat the given ones. */
  public boolean hasModulo(long row) {
    return flags == null || flags[(int) (row % flags.length)];
  }

  /** Returns the row of a rank, 0 to {@link #count} − 1. */
  public long row(long rank) {
    return rows == null ? rank : rows[(int) rank];
  }
}
