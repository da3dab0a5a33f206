// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.google.common.base.Utf8;
import java.util.Locale;

/** Looks at the bytes of a line before anybody reads them as text. */
final class Utf8Lines {
  private static final String ADVICE =
      "If the file is in another encoding, such as ISO-8859-1 (Latin-1), convert it:"
          + " iconv -f ISO-8859-1 -t UTF-8 OLD > NEW";

  private Utf8Lines() {}

  /**
   * Refuses bytes that are no UTF-8.
   *
   * @throws BadLineException naming the first bad byte and its column, from 1
   */
  static void check(byte[] bytes, int start, int length) throws BadLineException {
    if (!Utf8.isWellFormed(bytes, start, length)) {
      int at = firstMalformed(bytes, start, length);
      throw new BadLineException(
          String.format(
              Locale.ROOT, "not UTF-8: byte 0x%02x at column %d", bytes[start + at], at + 1),
          ADVICE);
    }
  }

  /** Returns where in the line the first byte that fits no character lies. */
  private static int firstMalformed(byte[] bytes, int start, int length) {
    int good = 0;
    while (good < length) {
      int end = good + 1;
      while (end < length && (bytes[start + end] & 0xc0) == 0x80) {
        end++;
      }
      if (!Utf8.isWellFormed(bytes, start + good, end - good)) {
        boolean ascii = bytes[start + good] >= 0;
        return ascii ? good + 1 : good;
      }
      good = end;
    }
    return good;
  }

  /** Whether there is nothing but blanks. */
  static boolean isBlank(byte[] bytes, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
