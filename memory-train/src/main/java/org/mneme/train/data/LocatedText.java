// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import org.mneme.memory.random.Seeds;

/** Tokens with the places at which they stand: a number of document and place, hashed. */
final class LocatedText {

  private final int[] tokens;
  private final int[] sources;
  private int length;

  /** No text as yet. */
  LocatedText(int capacity) {
    this.tokens = new int[capacity];
    this.sources = new int[capacity];
  }

  /** Adds a token: the one at {@code place} of a document with its begin and end. */
  void add(int token, int document, int place) {
    tokens[length] = token;
    sources[length++] = source(document, place);
  }

  /**
   * Adds tokens of a document.
   *
   * @param from the first, without the begin of the document
   */
  void add(DocumentSet documents, int index, int from, int count) {
    documents.copy(index, from, count, tokens, length);
    for (int i = 0; i < count; i++) {
      sources[length++] = source(documents.number(index), 1 + from + i);
    }
  }

  private static int source(int document, int place) {
    int hash = (int) Seeds.mix(document, place);
    return hash == 0 ? 1 : hash;
  }

  int[] tokens() {
    return tokens;
  }

  int[] sources() {
    return sources;
  }

  int length() {
    return length;
  }

  int room() {
    return tokens.length - length;
  }
}
