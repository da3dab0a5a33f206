// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import org.mneme.model.TextCodec;

/**
 * The tokens with which an entry holds a text: of a longer text the first, and a shorter one
 * repeated from its first token on, as first contents are.
 *
 * @param ids as many as the entry has places
 * @param length tokens of the whole text
 */
@SuppressWarnings("ArrayRecordComponent")
record EntryTokens(int[] ids, int length) {

  /**
   * Encodes a text.
   *
   * @throws IllegalArgumentException if it has no token
   */
  static EntryTokens of(TextCodec codec, String text, int places) {
    int[] encoded = codec.encode(text);
    if (encoded.length == 0) {
      throw new IllegalArgumentException("the text has no token");
    }
    int[] ids = new int[places];
    for (int place = 0; place < places; place++) {
      ids[place] = encoded[place % encoded.length];
    }
    return new EntryTokens(ids, encoded.length);
  }

  /** Whether the entry has no room for all of the text. */
  boolean isCut() {
    return length > ids.length;
  }
}
