// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

/**
 * The use of the entries in a validation.
 *
 * @param effective entries: the number that gives the entropy of the use if all are used evenly
 * @param constant entries that a gate reads which chooses the same ones at every position: slots ·
 *     heads · layers with a memory, at most all entries
 * @param most effective entries that there can be: all, or one for each selection
 */
record MemoryUse(double effective, double constant, double most) {

  /**
   * The share of the choice that depends on what is read: ln(effective / constant) / ln(most /
   * constant), 0 if every position reads the same entries, 1 if all are read evenly. It compares
   * memories of any size, since a gate that knows n kinds of positions has about n · constant
   * effective entries.
   */
  double share() {
    double share = Math.log(effective / constant) / Math.log(most / constant);
    return Math.min(1, Math.max(0, share));
  }

  /** Whether there is a choice: every position could read others than the rest. */
  boolean choice() {
    return most > constant && effective > 0;
  }
}
