// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.random.Seeds;

/** Fills codebooks at random, the same for the same seed. */
public final class RandomEntries {
  private static final String STREAM = "memory.random";

  private RandomEntries() {}

  /** Every token drawn evenly from a range. */
  public static void tokens(TokenCodebook codebook, TokenRange range, long seed) {
    codebook
        .device()
        .random()
        .uniformInts(codebook.bank(), range.low(), range.high(), Seeds.of(seed, STREAM));
  }

  /** Every element normal with mean 0. */
  public static void vectors(VectorCodebook codebook, float standardDeviation, long seed) {
    codebook
        .device()
        .random()
        .normal(codebook.bank(), 0f, standardDeviation, Seeds.of(seed, STREAM));
  }
}
