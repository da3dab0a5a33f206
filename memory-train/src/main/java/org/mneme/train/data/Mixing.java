// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

/** Hashing of small numbers to 64 well-mixed bits. */
final class Mixing {

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Mixing() {}

  /** Returns 64 bits that depend on all bits of both numbers. */
  static long mix(long seed, long value) {
    return finish(finish(seed + GOLDEN) + (value + 1) * GOLDEN);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long finish(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
