// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import java.util.Arrays;
import org.mneme.model.TextCodec;

/** Decodes tokens as they come, and holds back those that end within a character. */
final class TextStream {
  private static final String REPLACEMENT = "\uFFFD";

  private final TextCodec codec;
  private int[] pending = new int[0];

  TextStream(TextCodec codec) {
    this.codec = codec;
  }

  /** The text that is complete with this token. */
  String add(int token) {
    pending = Arrays.copyOf(pending, pending.length + 1);
    pending[pending.length - 1] = token;
    String text = codec.decode(pending);
    return text.endsWith(REPLACEMENT) ? "" : flush(text);
  }

  /** What was held back. */
  String finish() {
    return pending.length == 0 ? "" : flush(codec.decode(pending));
  }

  private String flush(String text) {
    pending = new int[0];
    return text;
  }
}
