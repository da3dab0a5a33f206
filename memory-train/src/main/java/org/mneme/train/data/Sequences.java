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
   * @param rows where it is laid out
   * @param row where it begins there; all its positions are padding and masked as yet
   * @return the number of inputs and of targets written, each from the left
   */
  Filled fill(long epoch, long index, Rows rows, int row);

  /** How much of a sequence is text. */
  record Filled(int inputs, int targets) {}
}
