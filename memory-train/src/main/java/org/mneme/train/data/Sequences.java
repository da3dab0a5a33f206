// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

/** The sequences of an epoch, each made when it is asked for. */
interface Sequences {

  /** Returns how many an epoch has, at least 1; the same in every epoch. */
  long perEpoch();

  /**
   * Writes a sequence and its targets.
   *
   * @param epoch from 0
   * @param index in [0, {@link #perEpoch()})
   * @param row where it begins in both arrays; all its positions are padding and masked as yet
   * @return the number of inputs and of targets written, each from the left
   */
  Filled fill(long epoch, long index, int[] inputs, int[] targets, int row);

  /** How much of a sequence is text. */
  record Filled(int inputs, int targets) {}

  /**
   * Lays text out as inputs and the targets one further: of n+1 tokens n are inputs.
   *
   * @param text tokens
   * @param length how many of {@code text} there are, at most sequence length + 1
   */
  static Filled shift(int[] text, int length, int sequence, int[] inputs, int[] targets, int row) {
    int inputCount = Math.min(length, sequence);
    int targetCount = length - 1;
    System.arraycopy(text, 0, inputs, row, inputCount);
    System.arraycopy(text, 1, targets, row, targetCount);
    return new Filled(inputCount, targetCount);
  }
}
