// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.Arrays;

/** Numbers that come one after another; a row without one is a gap. */
final class Column {
  private double[] values = new double[64];
  private int size;

  /** Sets the value of a row; rows that were passed over are gaps. */
  void set(int row, double value) {
    if (row >= values.length) {
      values = Arrays.copyOf(values, Math.max(row + 1, values.length * 2));
    }
    Arrays.fill(values, size, row, Double.NaN);
    values[row] = value;
    size = row + 1;
  }

  double get(int row) {
    return row < size ? values[row] : Double.NaN;
  }
}
