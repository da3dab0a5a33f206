// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.UserException;

/**
 * The index arithmetic of product keys (Lample et al. 2019): entry i₁·n + i₂ of M = n² entries is
 * chosen by sub-key i₁ of the first half and i₂ of the second.
 *
 * @param subKeys n, the number of sub-keys of each half, 1 to 46,340
 */
public record ProductKeyIndex(int subKeys) {
  private static final int MAX_SUB_KEYS = 46_340;

  /** Checks that all entries have an int index. */
  public ProductKeyIndex {
    if (subKeys < 1 || subKeys > MAX_SUB_KEYS) {
      throw new IllegalArgumentException(
          "sub-keys: found " + subKeys + ", wanted 1 to " + MAX_SUB_KEYS);
    }
  }

  /**
   * The index of a memory of {@code knowledgeNum} entries.
   *
   * @throws UserException if the number is not a square of at least 1
   */
  public static ProductKeyIndex of(long knowledgeNum) {
    long root = (long) Math.floor(Math.sqrt((double) Math.max(0, knowledgeNum)));
    if (knowledgeNum >= 1 && root <= MAX_SUB_KEYS && root * root == knowledgeNum) {
      return new ProductKeyIndex((int) root);
    }
    long below = Math.min(Math.max(1, root), MAX_SUB_KEYS);
    long above = below + 1;
    String nearest =
        knowledgeNum < 1
            ? "1"
            : above > MAX_SUB_KEYS
                ? below * below + " (the largest)"
                : below * below + " or " + above * above;
    throw new UserException(
        "knowledge_num must be a square (product keys): found "
            + knowledgeNum
            + ", nearest "
            + nearest);
  }

  /** M = n². */
  public int entries() {
    return subKeys * subKeys;
  }

  /** The entry of two sub-keys. */
  public int join(int first, int second) {
    check("first sub-key", first, subKeys);
    check("second sub-key", second, subKeys);
    return first * subKeys + second;
  }

  /** The first half's sub-key of an entry. */
  public int first(int entry) {
    check("entry", entry, entries());
    return entry / subKeys;
  }

  /** The second half's sub-key of an entry. */
  public int second(int entry) {
    check("entry", entry, entries());
    return entry % subKeys;
  }

  private static void check(String what, int value, int limit) {
    if (value < 0 || value >= limit) {
      throw new IndexOutOfBoundsException(
          what + ": found " + value + ", wanted 0 to " + (limit - 1));
    }
  }
}
