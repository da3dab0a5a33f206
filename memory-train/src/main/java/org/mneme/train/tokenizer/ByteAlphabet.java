// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.util.Arrays;

/**
 * The 256 characters by which byte-level BPE writes bytes, so that a vocabulary is readable text
 * without blanks and control characters: printable Latin-1 stands for itself, the others are mapped
 * in order to U+0100 and up (Radford et al. 2019, GPT-2; the same in Hugging Face's "ByteLevel").
 */
final class ByteAlphabet {

  private final char[] ofByte = new char[256];
  private final char[] ordered;

  ByteAlphabet() {
    char next = 256;
    for (int b = 0; b < 256; b++) {
      ofByte[b] = isPrintable(b) ? (char) b : next++;
    }
    ordered = ofByte.clone();
    Arrays.sort(ordered);
  }

  private static boolean isPrintable(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
  }

  /** Returns the character of a byte in [0, 255]. */
  char character(int unsignedByte) {
    return ofByte[unsignedByte];
  }

  /** Returns the place of a byte's character among all 256, by code point. */
  int rank(int unsignedByte) {
    return Arrays.binarySearch(ordered, ofByte[unsignedByte]);
  }

  /** Returns the 256 characters by code point. */
  char[] ordered() {
    return ordered.clone();
  }
}
