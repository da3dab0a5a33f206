// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Arrays;
import org.mneme.eval.TextWindow;

/** A copy of the tokens around one place of a document, which it does not keep alive. */
final class Excerpt {
  private final int[] tokens;
  private final int marked;

  private Excerpt(int[] tokens, int marked) {
    this.tokens = tokens;
    this.marked = marked;
  }

  /** The token at {@code place} with at most {@code reach} tokens before and after it. */
  static Excerpt around(TextWindow window, int place, int reach) {
    int from = Math.max(0, place - reach);
    int to = (int) Math.min(window.documentLength(), place + 1L + reach);
    int[] tokens = new int[to - from];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = window.token(from + i);
    }
    return new Excerpt(tokens, place - from);
  }

  int[] before() {
    return Arrays.copyOf(tokens, marked);
  }

  int token() {
    return tokens[marked];
  }

  int[] after() {
    return Arrays.copyOfRange(tokens, marked + 1, tokens.length);
  }

  /** Whether the tokens up to the marked one are the same. */
  boolean readsLike(Excerpt other) {
    return Arrays.equals(tokens, 0, marked + 1, other.tokens, 0, other.marked + 1);
  }
}
