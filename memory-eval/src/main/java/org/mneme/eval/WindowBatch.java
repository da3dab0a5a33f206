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
  /** Copies the list. */
  public WindowBatch {
    rows = List.copyOf(rows);
  }

  static WindowBatch of(List<TextWindow> rows, int padId) {
    int sequence = rows.stream().mapToInt(TextWindow::length).max().orElseThrow();
    int[] ids = new int[Math.multiplyExact(rows.size(), sequence)];
    int[] targets = new int[ids.length];
    Arrays.fill(ids, padId);
    Arrays.fill(targets, TokenBatch.MASKED);
    for (int row = 0; row < rows.size(); row++) {
      rows.get(row).fill(ids, targets, row * sequence);
    }
    return new WindowBatch(new TokenBatch(ids, targets, rows.size(), sequence), rows);
  }
}
