// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;

/** Fills codebooks at random, the same for the same seed. */
public final class RandomEntries {
  private RandomEntries() {}

  /** Every token drawn evenly from a range. */
  public static void tokens(TokenCodebook codebook, TokenRange range, long seed) {
    codebook.device().random().uniformInts(codebook.bank(), range.low(), range.high(), seed);
  }

  /** Every element normal with mean 0. */
  public static void vectors(VectorCodebook codebook, float standardDeviation, long seed) {
    codebook.device().random().normal(codebook.bank(), 0f, standardDeviation, seed);
  }
}
