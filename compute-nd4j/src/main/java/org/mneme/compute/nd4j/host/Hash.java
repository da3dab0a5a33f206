// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/** Hashing of numbers to 64 well-mixed bits. */
public final class Hash {
  /** Odd, from the golden ratio: multiples of it share no pattern. */
  public static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Hash() {}

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  public static long mix(long x) {
    long z = x + GOLDEN;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
