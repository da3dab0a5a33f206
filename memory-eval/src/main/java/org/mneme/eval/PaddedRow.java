// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Arrays;
import java.util.List;

/** A sequence that becomes a row of a batch, filled up with padding whose targets are masked. */
public interface PaddedRow {
  /** The number of inputs. */
  int length();

  /**
   * Writes inputs and targets; what is not written is padding.
   *
   * @param from index of the row's first position in both arrays
   */
  void fill(int[] ids, int[] targets, int from);

  /**
   * Rows padded to one width: one of few, two to the doubling, so that a device does not keep
   * memory for tensors of a hundred sizes.
   *
   * @param maxLength the model's longest sequence, at least that of every row
   */
  static TokenBatch batch(List<? extends PaddedRow> rows, int padId, int maxLength) {
    int longest = rows.stream().mapToInt(PaddedRow::length).max().orElseThrow();
    int sequence = Math.min(width(longest), maxLength);
    int[] ids = new int[Math.multiplyExact(rows.size(), sequence)];
    int[] targets = new int[ids.length];
    Arrays.fill(ids, padId);
    Arrays.fill(targets, TokenBatch.MASKED);
    for (int row = 0; row < rows.size(); row++) {
      rows.get(row).fill(ids, targets, row * sequence);
    }
    return new TokenBatch(ids, targets, rows.size(), sequence);
  }

  /** The least of 8, 12, 16, 24, 32, 48, … that is at least {@code length}. */
  static int width(int length) {
    int narrowest = 8;
    int power = Math.max(narrowest, Integer.highestOneBit(2 * length - 1));
    int between = power / 4 * 3;
    return length <= between && between > narrowest ? between : power;
  }
}
