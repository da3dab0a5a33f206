// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.UserException;

/**
 * The extents of a memory, under the names of the published experiments.
 *
 * @param knowledgeNum M, the number of entries, a square
 * @param knowledgeLength K, the tokens of an entry, at least 1
 * @param knowledgeDim D, the width of gate queries (and of vector entries), even, at least 2
 * @param numSelected S, the entries read at each position, 1 to √M
 */
public record MemoryShape(
    int knowledgeNum, int knowledgeLength, int knowledgeDim, int numSelected) {
  /**
   * Checks the extents.
   *
   * @throws UserException naming the extent, the value found and what was wanted
   */
  public MemoryShape {
    int subKeys = ProductKeyIndex.of(knowledgeNum).subKeys();
    require(knowledgeLength >= 1, "knowledge_length must be >= 1: found " + knowledgeLength);
    require(
        knowledgeDim >= 2 && knowledgeDim % 2 == 0,
        "knowledge_dim must be even (two key halves) and >= 2: found " + knowledgeDim);
    require(
        numSelected >= 1 && numSelected <= subKeys,
        "num_selected must be 1 to "
            + subKeys
            + " (the square root of knowledge_num = "
            + knowledgeNum
            + "): found "
            + numSelected);
  }

  /** The index arithmetic of the product keys. */
  public ProductKeyIndex index() {
    return ProductKeyIndex.of(knowledgeNum);
  }

  /** n = √M, the sub-keys of each half. */
  public int subKeys() {
    return index().subKeys();
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new UserException(message);
    }
  }
}
