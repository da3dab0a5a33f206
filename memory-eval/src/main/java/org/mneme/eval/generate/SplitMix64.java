// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

/**
 * The generator SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014). It stands here, and is not taken from the JDK, so that a seed means the same
 * text on every Java version; and since the first numbers of java.util.Random are nearly the same
 * for seeds that lie close.
 */
public final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  /** A generator that begins with this seed. */
  public SplitMix64(long seed) {
    this.state = seed;
  }

  /**
   * The generator at the end of a path of numbers: what it gives depends on seed and path, and on
   * nothing that was drawn elsewhere.
   *
   * @param path numbers that name what the generator is for, such as a purpose and an index
   */
  public static SplitMix64 of(long seed, long... path) {
    long at = seed;
    for (long step : path) {
      at = new SplitMix64(at + step * GOLDEN_GAMMA).nextLong();
    }
    return new SplitMix64(at);
  }

  /** The next 64 bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Uniform in [0, 1): the high 53 bits of {@link #nextLong} · 2⁻⁵³. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in 0 … bound − 1, but for a bias below bound · 2⁻⁵³. */
  public int nextInt(int bound) {
    return (int) (nextDouble() * bound);
  }
}
