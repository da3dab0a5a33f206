// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import java.util.List;

/**
 * How many entries were selected how often. Classes of counts double in width, so that a few tell
 * of entries that are hardly used as well as of those that have almost all.
 *
 * @param least the smallest count of an entry
 * @param most the largest count of an entry
 * @param squares sum of the squared counts
 * @param entries number of entries by class: at 0 those never selected, at k those selected 2^(k−1)
 *     to 2^k − 1 times; the last class is that of {@code most}
 */
public record UseHistogram(int least, int most, double squares, List<Long> entries) {
  /** Copies the list. */
  public UseHistogram {
    entries = List.copyOf(entries);
  }

  /** The class of a count. */
  static int classOf(int count) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(count);
  }
}
