// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

/**
 * The generator SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014). It stands here, and is not taken from the JDK, so that a seed means the same
 * text on every Java version; and since the first numbers of java.util.Random are nearly the same
 * for seeds that lie close.
 */
final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SplitMix64(long seed) {
    this.state = seed;
  }

  long nextLong() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Uniform in [0, 1): the high 53 bits of {@link #nextLong} · 2⁻⁵³. */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }
}
