// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;

/**
 * Groups that are moved together.
 *
 * @param batch what selected them
 * @param selections all groups of the batch
 * @param first group
 * @param size number of groups, at least 1
 */
record Chunk(EmaBatch batch, Selections selections, int first, int size) {
  /** The entries of the groups, ascending, [size] I32. */
  Tensor entries() {
    return selections.entries(first, size);
  }

  /** The borders of the groups within the order of selections, [size + 1] I32. */
  Tensor starts() {
    return selections.starts().rows(first, first + size + 1L);
  }
}
