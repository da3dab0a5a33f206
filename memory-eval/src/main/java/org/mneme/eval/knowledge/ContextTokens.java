// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Arrays;
import org.mneme.model.TextCodec;

/**
 * The tokens of a text that stands before a position. A byte-level tokenizer joins a word to the
 * blank before it, so that {@code a small} has other tokens at the start of a text than within one.
 */
final class ContextTokens {
  private ContextTokens() {}

  /**
   * Returns the tokens of a context, as they are at the end of the prompt if it ends with the
   * context, else those of the context alone.
   *
   * @return tokens that the context fills, but for blanks before it; empty if it has none
   */
  static int[] of(TextCodec codec, String context, String prompt) {
    if (!prompt.endsWith(context)) {
      return codec.encode(context);
    }
    int[] ids = codec.encode(prompt);
    int longest = 0;
    for (int count = 1; count <= ids.length; count++) {
      String end = codec.decode(Arrays.copyOfRange(ids, ids.length - count, ids.length));
      // A token may be a piece of a character, which those before it complete.
      if (context.endsWith(end) || isAfterBlanks(end, context)) {
        longest = count;
        if (end.length() >= context.length()) {
          break; // A token of blanks alone before the context is not part of it.
        }
      }
    }
    return Arrays.copyOfRange(ids, ids.length - longest, ids.length);
  }

  /** Returns whether a text is the context with blanks before it. */
  private static boolean isAfterBlanks(String end, String context) {
    return end.endsWith(context) && end.substring(0, end.length() - context.length()).isBlank();
  }
}
