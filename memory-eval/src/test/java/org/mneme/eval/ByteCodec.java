// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.mneme.model.TextCodec;

/** UTF-8 bytes as tokens: 0 pads, 1 begins, 2 ends, and byte b is 3 + b. */
public record ByteCodec(int endId) implements TextCodec {
  public static final int VOCABULARY = 259;
  private static final int FIRST_BYTE = 3;

  public ByteCodec() {
    this(2);
  }

  /** The id of a character below 128. */
  public static int id(char ascii) {
    return FIRST_BYTE + ascii;
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = FIRST_BYTE + (bytes[i] & 0xff);
    }
    return ids;
  }

  @Override
  public String decode(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      if (id < 0 || id >= VOCABULARY) {
        throw new IllegalArgumentException("id " + id);
      }
      if (id >= FIRST_BYTE) {
        bytes.write(id - FIRST_BYTE);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public int beginId() {
    return 1;
  }

  @Override
  public int padId() {
    return 0;
  }

  @Override
  public int vocabularySize() {
    return VOCABULARY;
  }
}
