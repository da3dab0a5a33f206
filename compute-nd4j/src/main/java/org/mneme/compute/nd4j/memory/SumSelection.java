// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

/**
 * The best of a half's scores, and the best sums of two halves; used by one thread.
 *
 * <p>A candidate is a long that compares like (value, then lower index): the bits of the float,
 * mapped to an int of the same order, above the complement of the index.
 */
final class SumSelection {
  private final int selected;
  private final long[] best;
  private int filled;

  SumSelection(int selected) {
    this.selected = selected;
    this.best = new long[selected];
  }

  /**
   * The best of a half's scores in descending order, lower sub-keys first among equals.
   *
   * @param scores of all sub-keys
   * @param count number of sub-keys, at least S
   * @param values the best scores, from {@code to} on
   * @param subKeys theirs
   */
  void bestOfHalf(float[] scores, int count, float[] values, int[] subKeys, int to) {
    for (int k = 0; k < selected; k++) {
      insertScore(scores[k], k, to, to + k, values, subKeys);
    }
    int last = to + selected - 1;
    float worst = values[last];
    for (int k = selected; k < count; k++) {
      float score = scores[k];
      if (score > worst) {
        insertScore(score, k, to, last, values, subKeys);
        worst = values[last];
      }
    }
  }

  /** Inserts behind all that are at least as good; what stood at {@code last} is overwritten. */
  private static void insertScore(
      float score, int k, int first, int last, float[] values, int[] subKeys) {
    int place = last;
    while (place > first && score > values[place - 1]) {
      values[place] = values[place - 1];
      subKeys[place] = subKeys[place - 1];
      place--;
    }
    values[place] = score;
    subKeys[place] = k;
  }

  /**
   * The best sums in descending order, lower indices first among equals.
   *
   * <p>Of two descending lists, only pairs (i, j) with (i+1)(j+1) ≤ S can be among the S best, as
   * every other has S pairs before it that are at least as good. Where one of those others equals
   * the last sum kept, its index may be lower, and all pairs are looked at.
   *
   * @param values the best of both halves, each S from {@code from} on
   * @param subKeys theirs
   * @param subKeyCount n of index = i₁·n + i₂
   * @param sums the best sums, from {@code to} on
   * @param indices theirs
   */
  void bestSums(
      float[][] values,
      int[][] subKeys,
      int from,
      int subKeyCount,
      float[] sums,
      int[] indices,
      int to) {
    filled = 0;
    for (int i = 0; i < selected; i++) {
      insertPairs(values, subKeys, from, i, selected / (i + 1), subKeyCount);
    }
    if (leftOutTies(values, from)) {
      filled = 0;
      for (int i = 0; i < selected; i++) {
        insertPairs(values, subKeys, from, i, selected, subKeyCount);
      }
    }
    for (int s = 0; s < selected; s++) {
      int ordered = (int) (best[s] >> 32);
      sums[to + s] = Float.intBitsToFloat(ordered ^ (ordered >> 31 & Integer.MAX_VALUE));
      indices[to + s] = ~(int) best[s];
    }
  }

  private void insertPairs(
      float[][] values, int[][] subKeys, int from, int i, int pairs, int subKeyCount) {
    float value = values[0][from + i];
    int firstIndex = subKeys[0][from + i] * subKeyCount;
    for (int j = 0; j < pairs; j++) {
      long sum = orderedBits(value + values[1][from + j]);
      insert((sum << 32) | (~(firstIndex + subKeys[1][from + j]) & 0xFFFFFFFFL));
    }
  }

  private boolean leftOutTies(float[][] values, int from) {
    long worst = best[selected - 1] >> 32;
    for (int i = 0; i < selected; i++) {
      int j = selected / (i + 1);
      if (j < selected && orderedBits(values[0][from + i] + values[1][from + j]) >= worst) {
        return true;
      }
    }
    return false;
  }

  private void insert(long candidate) {
    int place;
    if (filled < selected) {
      place = filled++;
    } else if (candidate > best[selected - 1]) {
      place = selected - 1;
    } else {
      return;
    }
    while (place > 0 && candidate > best[place - 1]) {
      best[place] = best[place - 1];
      place--;
    }
    best[place] = candidate;
  }

  /** The bits of a float as an int of the same order; equal zeros get equal bits. */
  private static int orderedBits(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }
}
