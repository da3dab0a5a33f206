// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws entries in proportion to how often they were used. */
final class UsedEntries {
  private final int[] entries;
  private final long[] cumulative;

  UsedEntries(int[] counts) {
    entries = new int[(int) Arrays.stream(counts).filter(count -> count > 0).count()];
    cumulative = new long[entries.length];
    long sum = 0;
    int next = 0;
    for (int entry = 0; entry < counts.length; entry++) {
      if (counts[entry] > 0) {
        sum += counts[entry];
        entries[next] = entry;
        cumulative[next++] = sum;
      }
    }
  }

  boolean isEmpty() {
    return entries.length == 0;
  }

  int[] draw(int number, SplittableRandom random) {
    int[] drawn = new int[number];
    long total = cumulative[cumulative.length - 1];
    for (int i = 0; i < number; i++) {
      // The first entry whose cumulative count exceeds a use drawn from 0 … total−1.
      int at = Arrays.binarySearch(cumulative, random.nextLong(total) + 1);
      drawn[i] = entries[at >= 0 ? at : -at - 1];
    }
    return drawn;
  }
}
