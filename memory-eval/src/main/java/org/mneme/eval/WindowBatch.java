// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Arrays;
import java.util.List;

/**
 * A batch whose rows are known pieces of documents.
 *
 * @param tokens inputs and targets; rows are filled up with padding whose targets are masked
 * @param rows what each row is
 */
public record WindowBatch(TokenBatch tokens, List<TextWindow> rows) {
  private static final int NARROWEST = 8;

  /** Copies the list. */
  public WindowBatch {
    rows = List.copyOf(rows);
  }

  /**
   * Pads rows to one width: one of few, two to the doubling, so that a device does not keep memory
   * for tensors of a hundred sizes.
   */
  static WindowBatch of(List<TextWindow> rows, int padId, int maxLength) {
    int longest = rows.stream().mapToInt(TextWindow::length).max().orElseThrow();
    int sequence = Math.min(width(longest), maxLength);
    int[] ids = new int[Math.multiplyExact(rows.size(), sequence)];
    int[] targets = new int[ids.length];
    Arrays.fill(ids, padId);
    Arrays.fill(targets, TokenBatch.MASKED);
    for (int row = 0; row < rows.size(); row++) {
      rows.get(row).fill(ids, targets, row * sequence);
    }
    return new WindowBatch(new TokenBatch(ids, targets, rows.size(), sequence), rows);
  }

  /** The least of 8, 12, 16, 24, 32, 48, … that is at least {@code length}. */
  static int width(int length) {
    int power = Math.max(NARROWEST, Integer.highestOneBit(2 * length - 1));
    int between = power / 4 * 3;
    return length <= between && between > NARROWEST ? between : power;
  }
}
