// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Gathers the statistics of counts that come piece by piece. What it keeps is a histogram of the
 * counts, so that neither one-hot vectors nor a sort of all entries is needed.
 */
final class UsageCounts {
  /** Counts below it have a bin each; the few entries above are kept one by one. */
  private static final int BINS = 1 << 16;

  private static final Comparator<EntryUse> LEAST_USED_FIRST =
      Comparator.comparingInt(EntryUse::count)
          .thenComparing(Comparator.comparingInt(EntryUse::entry).reversed());

  private final int entries;
  private final int mostUsed;
  private final long[] histogram = new long[BINS];
  private final PriorityQueue<EntryUse> most = new PriorityQueue<>(LEAST_USED_FIRST);
  private int[] large = new int[16];
  private int largeSize;
  private int seen;
  private int usedTop1;
  private long selections;

  UsageCounts(int entries, int mostUsed) {
    this.entries = entries;
    this.mostUsed = mostUsed;
  }

  /** Adds the counts of the next {@code length} entries. */
  void add(int[] any, int[] top1, int length) {
    for (int i = 0; i < length; i++) {
      int count = any[i];
      if (count < 0) {
        throw new IllegalArgumentException(
            "count of entry " + (seen + i) + ": found " + count + ", wanted >= 0");
      }
      selections += count;
      bin(count);
      usedTop1 += top1[i] > 0 ? 1 : 0;
      rank(seen + i, count);
    }
    seen += length;
  }

  private void bin(int count) {
    if (count < BINS) {
      histogram[count]++;
      return;
    }
    if (largeSize == large.length) {
      large = Arrays.copyOf(large, 2 * largeSize);
    }
    large[largeSize++] = count;
  }

  private void rank(int entry, int count) {
    if (count == 0 || mostUsed == 0) {
      return;
    }
    if (most.size() < mostUsed) {
      most.add(new EntryUse(entry, count));
    } else if (count > most.peek().count()) {
      // Entries come in ascending order, so that of equal counts the first keeps its place.
      most.poll();
      most.add(new EntryUse(entry, count));
    }
  }

  UsageStatistics statistics() {
    if (seen != entries) {
      throw new IllegalStateException("counts of " + seen + " entries of " + entries);
    }
    int dead = (int) histogram[0];
    double entropy = entropy();
    return new UsageStatistics(
        entries,
        selections,
        (entries - dead) / (double) entries,
        usedTop1 / (double) entries,
        dead,
        selections == 0 ? 0 : Math.max(0, Math.log(entries) - entropy),
        entropy,
        gini(),
        ranking(),
        useHistogram());
  }

  private UseHistogram useHistogram() {
    long[] byClass = new long[Integer.SIZE];
    double squares = 0;
    int least = Integer.MAX_VALUE;
    int largest = 0;
    for (int count = 0; count < BINS; count++) {
      if (histogram[count] > 0) {
        byClass[UseHistogram.classOf(count)] += histogram[count];
        squares += (double) histogram[count] * count * count;
        least = Math.min(least, count);
        largest = count;
      }
    }
    for (int i = 0; i < largeSize; i++) {
      byClass[UseHistogram.classOf(large[i])]++;
      squares += (double) large[i] * large[i];
      least = Math.min(least, large[i]);
      largest = Math.max(largest, large[i]);
    }
    int classes = UseHistogram.classOf(largest) + 1;
    List<Long> entriesByClass = Arrays.stream(byClass).limit(classes).boxed().toList();
    return new UseHistogram(least, largest, squares, entriesByClass);
  }

  /** −Σ p ln p with p = count / selections. */
  private double entropy() {
    double sum = 0;
    for (int count = 1; count < BINS; count++) {
      if (histogram[count] > 0) {
        sum += histogram[count] * term(count);
      }
    }
    for (int i = 0; i < largeSize; i++) {
      sum += term(large[i]);
    }
    return sum;
  }

  private double term(int count) {
    double share = count / (double) selections;
    return -share * Math.log(share);
  }

  /** Σᵢ (2i − M − 1)·cᵢ / (M·Σc), over counts cᵢ in ascending order, i from 1. */
  private double gini() {
    if (selections == 0) {
      return 0;
    }
    Arrays.sort(large, 0, largeSize);
    double sum = 0;
    long before = 0;
    for (int count = 0; count < BINS; count++) {
      long same = histogram[count];
      // The ranks before+1 … before+same: their (2i − M − 1) add up to same·(2·before + same − M).
      sum += (double) count * same * (2.0 * before + same - entries);
      before += same;
    }
    for (int i = 0; i < largeSize; i++) {
      before++;
      sum += large[i] * (2.0 * before - entries - 1);
    }
    return sum / ((double) entries * selections);
  }

  private List<EntryUse> ranking() {
    List<EntryUse> ranked = new ArrayList<>(most);
    ranked.sort(LEAST_USED_FIRST.reversed());
    return ranked;
  }
}
