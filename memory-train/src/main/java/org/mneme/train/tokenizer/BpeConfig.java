// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * What a vocabulary shall be.
 *
 * @param vocabularySize the number of ids wanted, special tokens and the 256 bytes included; at
 *     least 259. A text too small for it gives fewer.
 * @param minimumCount pairs that occur less often are not merged; at least 1
 * @param specialTokens the tokens that stand for no text
 */
public record BpeConfig(int vocabularySize, long minimumCount, SpecialTokens specialTokens) {

  private static final int BYTES = 256;

  /** The smallest vocabulary with {@link SpecialTokens#DEFAULT}: these and the 256 bytes. */
  public static final int LEAST_VOCABULARY = BYTES + SpecialTokens.DEFAULT.inOrder().size();

  private static final long DEFAULT_MINIMUM_COUNT = 2;

  /** Checks the ranges. */
  public BpeConfig {
    Objects.requireNonNull(specialTokens, "specialTokens");
    int least = BYTES + specialTokens.inOrder().size();
    checkArgument(
        vocabularySize >= least,
        "vocabularySize is %s, expected at least %s: 256 bytes and the special tokens",
        vocabularySize,
        least);
    checkArgument(minimumCount >= 1, "minimumCount is %s, expected at least 1", minimumCount);
  }

  /** A vocabulary with {@link SpecialTokens#DEFAULT} that merges what occurs twice. */
  public BpeConfig(int vocabularySize) {
    this(vocabularySize, DEFAULT_MINIMUM_COUNT, SpecialTokens.DEFAULT);
  }
}
