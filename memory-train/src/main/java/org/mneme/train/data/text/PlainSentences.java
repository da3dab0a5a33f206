// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A line is a sentence. */
record PlainSentences() implements LineFormat {

  @Override
  public void read(byte[] buffer, int start, int length, Consumer<String> texts)
      throws BadLineException {
    for (int i = 0; i < length; i++) {
      if (buffer[start + i] == 0) {
        throw new BadLineException("a NUL byte at column " + (i + 1));
      }
    }
    texts.accept(new String(buffer, start, length, StandardCharsets.UTF_8).strip());
  }

  @Override
  public String expected() {
    return "a sentence, in UTF-8";
  }
}
