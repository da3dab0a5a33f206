// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

/** Recognises encodings of text other than UTF-8 by the first bytes. */
final class Encodings {

  /** Characters of ASCII that are enough to tell UTF-16 and UTF-32 without a byte order mark. */
  private static final int CHARACTERS = 4;

  private Encodings() {}

  /** Returns the length of UTF-8's byte order mark: 3, or 0 where there is none. */
  static int byteOrderMark(byte[] head) {
    return startsWith(head, 0xef, 0xbb, 0xbf) ? 3 : 0;
  }

  /** Returns the name by which iconv knows the encoding, or null for UTF-8 and unknown ones. */
  static String other(byte[] head) {
    if (startsWith(head, 0xff, 0xfe, 0, 0) || hasAscii(head, 4, 0)) {
      return "UTF-32LE";
    }
    if (startsWith(head, 0, 0, 0xfe, 0xff) || hasAscii(head, 4, 3)) {
      return "UTF-32BE";
    }
    if (startsWith(head, 0xff, 0xfe) || hasAscii(head, 2, 0)) {
      return "UTF-16LE";
    }
    if (startsWith(head, 0xfe, 0xff) || hasAscii(head, 2, 1)) {
      return "UTF-16BE";
    }
    return null;
  }

  /** Whether the first characters are ASCII in units of {@code width} bytes, one of them not 0. */
  private static boolean hasAscii(byte[] head, int width, int place) {
    int units = Math.min(CHARACTERS, head.length / width);
    for (int i = 0; i < units * width; i++) {
      boolean character = i % width == place;
      if (character ? head[i] <= 0 : head[i] != 0) {
        return false;
      }
    }
    return units > 1;
  }

  private static boolean startsWith(byte[] head, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= head.length || (head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
