// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import org.mneme.memory.random.Seeds;

/**
 * A permutation of the numbers 0 to size-1 by seed, that takes no memory and gives any of its
 * entries at once: a Feistel network over the next power of four, walked until it lands within the
 * size (Black and Rogaway 2002).
 */
final class Permutation {

  private static final int ROUNDS = 6;

  private final long size;
  private final long[] keys = new long[ROUNDS];
  private final int halfBits;
  private final long halfMask;

  /**
   * The permutation of a seed.
   *
   * @param size how many numbers, at least 1
   */
  Permutation(long size, long seed) {
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    this.halfBits = Math.max(1, (bits + 1) / 2);
    this.halfMask = (1L << halfBits) - 1;
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = Seeds.mix(seed, round);
    }
  }

  /** Returns the number at a place in [0, size). */
  long at(long place) {
    if (place < 0 || place >= size) {
      throw new IndexOutOfBoundsException("place " + place + " of " + size);
    }
    long value = encrypt(place);
    while (value >= size) {
      value = encrypt(value);
    }
    return value;
  }

  private long encrypt(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (long key : keys) {
      long mixed = left ^ (Seeds.mix(key, right) & halfMask);
      left = right;
      right = mixed;
    }
    return (left << halfBits) | right;
  }
}
