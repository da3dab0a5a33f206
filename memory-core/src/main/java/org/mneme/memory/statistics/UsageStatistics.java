// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import java.util.List;

/**
 * How a memory was used over a period. Distributions are those of selections in any slot over all
 * entries.
 *
 * @param entries M
 * @param selections selections in any slot
 * @param usedAny share of the entries selected at least once in any slot, 0 to 1
 * @param usedTop1 share of the entries selected at least once in the first slot, 0 to 1
 * @param dead entries never selected
 * @param klToUniform KL(p ‖ uniform) = ln M − entropy, in nats; 0 if nothing was selected
 * @param entropy of p, in nats
 * @param gini inequality of the counts: 0 if all are equal, (M−1)/M if one entry has all
 * @param mostUsed the most used entries, most used first, ties by index
 * @param histogram how many entries were selected how often in any slot
 */
public record UsageStatistics(
    int entries,
    long selections,
    double usedAny,
    double usedTop1,
    int dead,
    double klToUniform,
    double entropy,
    double gini,
    List<EntryUse> mostUsed,
    UseHistogram histogram) {
  /** Copies the list. */
  public UsageStatistics {
    mostUsed = List.copyOf(mostUsed);
  }

  /**
   * The statistics of counts.
   *
   * @param any selections of each entry in any slot, each at least 0
   * @param top1 selections of each entry in the first slot, of the same length
   * @param mostUsed how many of the most used entries to list
   */
  public static UsageStatistics of(int[] any, int[] top1, int mostUsed) {
    if (any.length == 0 || any.length != top1.length) {
      throw new IllegalArgumentException(
          "counts: found " + any.length + " and " + top1.length + ", wanted equal lengths >= 1");
    }
    UsageCounts counts = new UsageCounts(any.length, mostUsed);
    counts.add(any, top1, any.length);
    return counts.statistics();
  }
}
