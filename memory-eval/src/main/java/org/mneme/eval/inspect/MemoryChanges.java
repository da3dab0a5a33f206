// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.List;

/**
 * How a token memory differs from its snapshot.
 *
 * @param entries M
 * @param changedEntries entries of which at least one token is another
 * @param changedTokens share of all tokens that are others, 0 to 1
 * @param distinctBefore mean number of different tokens of an entry in the snapshot, 1 to K
 * @param distinctNow the same now
 * @param mostChanged the entries with the most changed tokens, most first, ties by index
 */
public record MemoryChanges(
    int entries,
    int changedEntries,
    double changedTokens,
    double distinctBefore,
    double distinctNow,
    List<Integer> mostChanged) {
  /** Copies the list. */
  public MemoryChanges {
    mostChanged = List.copyOf(mostChanged);
  }
}
