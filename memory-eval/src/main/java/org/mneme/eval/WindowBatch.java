// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

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

  /** Pads rows to one width. */
  static WindowBatch of(List<TextWindow> rows, int padId, int maxLength) {
    return new WindowBatch(PaddedRow.batch(rows, padId, maxLength), rows);
  }
}
