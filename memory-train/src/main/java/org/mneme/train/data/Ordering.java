// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import org.mneme.memory.random.Seeds;

/** The order of numbers in every epoch: their own, or a random one for each. */
final class Ordering {

  private final long size;
  private final boolean shuffle;
  private final long seed;
  private long epoch = -1;
  private Permutation permutation;

  Ordering(long size, BatchConfig config) {
    this(size, config.shuffle(), config.seed());
  }

  Ordering(long size, boolean shuffle, long seed) {
    this.size = size;
    this.shuffle = shuffle;
    this.seed = seed;
  }

  long at(long epoch, long place) {
    if (!shuffle) {
      return place;
    }
    if (this.epoch != epoch) {
      permutation = new Permutation(size, Seeds.mix(seed, epoch));
      this.epoch = epoch;
    }
    return permutation.at(place);
  }
}
