// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;

/** One place of those entries of a chunk that have a feature for it. */
final class Place {
  private final int number;
  private final int[] groups;
  private final float[] counts;
  private final Tensor tokenRows;

  /**
   * A place.
   *
   * @param number of the place, from 0
   * @param groups which of the chunk's groups, ascending
   * @param counts features behind the mean of each; null unless the rule asked for them
   * @param tokenRows row of each among the chunk's tokens, a row for each group and place [U] I32
   */
  Place(int number, int[] groups, float[] counts, Tensor tokenRows) {
    this.number = number;
    this.groups = groups;
    this.counts = counts;
    this.tokenRows = tokenRows;
  }

  int size() {
    return groups.length;
  }

  int number() {
    return number;
  }

  int group(int i) {
    return groups[i];
  }

  float count(int i) {
    return counts[i];
  }

  Tensor tokenRows() {
    return tokenRows;
  }
}
