// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.random;

import java.nio.charset.StandardCharsets;

/**
 * Keys of independent streams of random numbers. A stream is keyed by the seed of its run and the
 * name of what it fills, both mixed into all 64 bits.
 *
 * <p>Never key a stream by {@code seed + index}: stream i of seed 2 is then, bit for bit, stream i
 * + 1 of seed 1, and runs with the seeds 1, 2, 3 are not independent samples.
 */
public final class Seeds {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Seeds() {}

  /**
   * Returns the key of a named stream.
   *
   * @param seed of the run
   * @param name of what the stream fills or decides, such as the name of a tensor
   */
  public static long of(long seed, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    long key = mix(seed, bytes.length);
    long word = 0;
    for (int i = 0; i < bytes.length; i++) {
      word |= (bytes[i] & 0xFFL) << (Byte.SIZE * (i % Long.BYTES));
      if (i % Long.BYTES == Long.BYTES - 1 || i == bytes.length - 1) {
        key = mix(key, word);
        word = 0;
      }
    }
    return key;
  }

  /**
   * Returns the key of one of many streams of a name.
   *
   * @param number of the stream, such as that of an update
   */
  public static long of(long seed, String name, long number) {
    return mix(of(seed, name), number);
  }

  /** Returns 64 bits that depend on all bits of both numbers. */
  public static long mix(long seed, long value) {
    return finish(finish(seed + GOLDEN) + (value + 1) * GOLDEN);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long finish(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
