// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.nio.file.Path;
import java.util.List;

/**
 * A trained vocabulary.
 *
 * @param specialTokens the special tokens, which have the lowest ids
 * @param tokens every token by its id, the bytes of those that stand for text written in the
 *     characters of GPT-2's byte alphabet
 * @param merges the merges in the order in which they are to be applied
 */
public record BpeVocabulary(SpecialTokens specialTokens, List<String> tokens, List<Merge> merges) {

  /** Takes copies. */
  public BpeVocabulary {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
  }

  /**
   * Two tokens that become one.
   *
   * @param left id of the first
   * @param right id of the second
   * @param merged id of the token that is their concatenation
   */
  public record Merge(int left, int right, int merged) {}

  /** Returns the number of ids. */
  public int size() {
    return tokens.size();
  }

  /**
   * Writes a Hugging Face {@code tokenizer.json}, replacing the file at once when it is complete.
   *
   * @throws org.mneme.compute.UserException when the file cannot be written
   */
  public void write(Path file) {
    new TokenizerJson(this).write(file);
  }
}
