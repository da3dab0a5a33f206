// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.context;

import java.util.List;
import org.mneme.compute.UserException;

/**
 * How entries are addressed by text, and when they change.
 *
 * @param lengths tokens of the contexts of a position, ascending, each at least 1
 * @param mostVotes that an entry can gather, 1 to 1,024; with 1 it always takes the newest tokens
 * @param frozenEntries entries, from the first on, that never change
 */
public record ContextConfig(List<Integer> lengths, int mostVotes, int frozenEntries) {
  private static final int LONGEST = 64;
  private static final int MOST_VOTES = 1024;

  /**
   * Copies the list and checks all values.
   *
   * @throws UserException naming the key, what was found and what was expected
   */
  public ContextConfig {
    lengths = List.copyOf(lengths);
    int previous = 0;
    for (int length : lengths) {
      if (length <= previous || length > LONGEST) {
        throw wrong("context_lengths", lengths, "ascending numbers from 1 to " + LONGEST);
      }
      previous = length;
    }
    if (lengths.isEmpty()) {
      throw wrong("context_lengths", lengths, "at least one");
    }
    if (mostVotes < 1 || mostVotes > MOST_VOTES) {
      throw wrong("context_votes", mostVotes, "1 to " + MOST_VOTES);
    }
  }

  private static UserException wrong(String key, Object found, String expected) {
    return new UserException(key + " is " + found + ", expected " + expected);
  }
}
