// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;

/**
 * One place of those entries of a chunk that have a feature for it.
 *
 * @param chunk the entries
 * @param number of the place, from 0
 * @param groups which of the chunk's groups, ascending
 * @param tokenRows row of each among the chunk's tokens, a row for each group and place [U] I32
 * @param features how many features each mean is of; null unless the blend asked for them
 */
record Place(Chunk chunk, int number, int[] groups, Tensor tokenRows, float[] features) {
  int size() {
    return groups.length;
  }
}
