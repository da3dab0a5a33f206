// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.mneme.compute.nd4j.host.HostTensor;

/** The extents of a product-key selection. */
final class ProductKeyShape {
  /** Positions. */
  final int positions;

  /** Query heads. */
  final int heads;

  /** Sub-keys of each half. */
  final int subKeys;

  /** Elements of a sub-key: half a head's query. */
  final int halfWidth;

  /** Entries selected by each head of each position. */
  final int selected;

  /**
   * Positions of a chunk: as many as make score tiles of 128 KiB, but enough that packing the keys
   * does not outweigh the product.
   */
  final int chunkRows;

  ProductKeyShape(HostTensor keys, HostTensor indices) {
    heads = Math.toIntExact(keys.shape().extent(0));
    subKeys = Math.toIntExact(keys.shape().extent(2));
    halfWidth = Math.toIntExact(keys.shape().extent(3));
    selected = Math.toIntExact(indices.shape().columns());
    positions = Math.toIntExact(indices.shape().rows() / heads);
    chunkRows = Math.max(64, Math.min(256, (1 << 15) / subKeys));
  }

  /** Elements of a position's queries. */
  int queryWidth() {
    return Math.toIntExact(2L * heads * halfWidth);
  }

  /** Halves of all heads; half h·2 + p is half p of head h. */
  int halves() {
    return Math.multiplyExact(heads, 2);
  }

  /** Scores of a position. */
  int scores() {
    return Math.multiplyExact(halves(), subKeys);
  }

  /** Selections of some positions. */
  int selections(int rows) {
    return Math.toIntExact((long) rows * heads * selected);
  }

  /** The sub-key of an index in its first half, part 0, or in its second, part 1. */
  int subKey(int index, int part) {
    return part == 0 ? index / subKeys : index % subKeys;
  }
}
