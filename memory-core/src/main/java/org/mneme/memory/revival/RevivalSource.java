// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

/** Where a revived entry gets its contents. */
public enum RevivalSource {
  /**
   * From an entry that was used, drawn in proportion to its use: vectors with normal noise of
   * {@code noise} times their RMS; tokens with each token taken, with probability {@code noise},
   * from a second such entry.
   */
  USED,
  /** Vectors only: a feature of the last batch. */
  FEATURES,
  /** Tokens only: consecutive tokens of the last batch's input. */
  PHRASES
}
