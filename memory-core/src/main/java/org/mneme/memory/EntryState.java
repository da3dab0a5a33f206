// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

/** Something that remembers facts about single entries: a moving average, a count, a moment. */
public interface EntryState {
  /**
   * Forgets all about the given entries, which just got new contents.
   *
   * @param entries distinct indices
   */
  void resetEntries(int[] entries);
}
