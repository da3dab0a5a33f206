// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import java.util.Arrays;

/**
 * The sequences of a batch while they are laid out, one after the other.
 *
 * @param inputs ids
 * @param sources where in the text the inputs stand, 0 where there is no text
 * @param targets ids, or {@link Batch#MASKED}
 */
// Arrays and no lists: they go to the device as they are.
@SuppressWarnings("ArrayRecordComponent")
record Rows(int[] inputs, int[] sources, int[] targets) {

  /** Positions that are all padding and masked as yet. */
  static Rows empty(int positions, int padId) {
    Rows rows = new Rows(new int[positions], new int[positions], new int[positions]);
    Arrays.fill(rows.inputs, padId);
    Arrays.fill(rows.targets, Batch.MASKED);
    return rows;
  }

  /**
   * Lays text out as inputs and the targets one further: of n+1 tokens n are inputs.
   *
   * @param text at most {@code sequence} + 1 tokens
   * @param row where the sequence begins
   */
  Sequences.Filled shift(LocatedText text, int sequence, int row) {
    int inputCount = Math.min(text.length(), sequence);
    int targetCount = text.length() - 1;
    System.arraycopy(text.tokens(), 0, inputs, row, inputCount);
    System.arraycopy(text.sources(), 0, sources, row, inputCount);
    System.arraycopy(text.tokens(), 1, targets, row, targetCount);
    return new Sequences.Filled(inputCount, targetCount);
  }
}
