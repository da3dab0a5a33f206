// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import org.mneme.compute.UserException;

/**
 * How much of a memory is shown.
 *
 * @param entries number of entries, at least 1
 * @param contexts most places for each entry, at least 0
 * @param contextTokens most tokens before and after a place, at least 0
 * @param nearestTokens for entries that are vectors as wide as the model: number of tokens whose
 *     embeddings are nearest, at least 0
 * @param batchSize most windows of a batch, at least 1
 */
public record InspectionConfig(
    int entries, int contexts, int contextTokens, int nearestTokens, int batchSize) {
  /** 24 entries with 4 places of 12 tokens before and after; 8 nearest tokens; batches of 16. */
  public static final InspectionConfig DEFAULT = new InspectionConfig(24, 4, 12, 8, 16);

  /**
   * Checks the values.
   *
   * @throws UserException naming the argument, the value found and what was expected
   */
  public InspectionConfig {
    atLeast(1, "entries", entries);
    atLeast(0, "contexts", contexts);
    atLeast(0, "context_tokens", contextTokens);
    atLeast(0, "nearest_tokens", nearestTokens);
    atLeast(1, "batch_size", batchSize);
  }

  private static void atLeast(int least, String argument, int found) {
    if (found < least) {
      throw new UserException(argument + " is " + found + ", expected at least " + least);
    }
  }

  /** The same with another number of entries. */
  public InspectionConfig withEntries(int count) {
    return new InspectionConfig(count, contexts, contextTokens, nearestTokens, batchSize);
  }
}
