// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

/**
 * Text to token ids and back: all that generation and inspection need to know of a tokenizer.
 *
 * <p>Ids are in [0, {@link #vocabularySize()}).
 */
public interface TextCodec {

  /**
   * Encodes a text of any length, without adding begin, end or padding tokens and without
   * truncation.
   */
  int[] encode(String text);

  /**
   * Decodes ids to text. Special tokens are left out; bytes that are not valid UTF-8, as a sequence
   * cut within a character has, become U+FFFD.
   *
   * @throws IllegalArgumentException when an id is outside the vocabulary
   */
  String decode(int[] ids);

  /** Returns the id of the token that begins a document. */
  int beginId();

  /** Returns the id of the token that ends a document. */
  int endId();

  /** Returns the id of the token that fills a sequence up; it is never a target. */
  int padId();

  /** Returns the number of ids, special tokens included. */
  int vocabularySize();
}
