// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

/**
 * Cuts text into the pieces that merges never cross, as the pattern of GPT-2 does:
 *
 * <pre>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</pre>
 *
 * <p>This is Hugging Face's "ByteLevel" with {@code use_regex} and without {@code
 * add_prefix_space}. It is written out because {@link java.util.regex} takes several times as long
 * and has another idea of blanks. Letters and numbers are those of the running JDK's Unicode.
 */
final class PreTokenizer {

  /** Receives the pieces, which follow each other without gaps. */
  interface Sink {
    void piece(int start, int end);
  }

  private enum Kind {
    BLANK,
    LETTER,
    NUMBER,
    OTHER
  }

  /** Cuts a text; unpaired surrogates count as {@code OTHER}. */
  void split(String text, Sink sink) {
    int start = 0;
    while (start < text.length()) {
      int end = endOfPiece(text, start);
      sink.piece(start, end);
      start = end;
    }
  }

  private static int endOfPiece(String text, int start) {
    int contraction = contraction(text, start);
    if (contraction > 0) {
      return start + contraction;
    }
    // A single space belongs to the word, number or signs behind it.
    int first = start;
    if (text.charAt(start) == ' ' && start + 1 < text.length()) {
      first = start + 1;
    }
    Kind kind = kind(text.codePointAt(first));
    if (kind != Kind.BLANK) {
      return endOfRun(text, first, kind);
    }
    return endOfBlanks(text, start);
  }

  /** Of several blanks before a word the last is left for the next piece. */
  private static int endOfBlanks(String text, int start) {
    int end = endOfRun(text, start, Kind.BLANK);
    // Every blank is one char, so that one step back is one blank back.
    return end < text.length() && end - start > 1 ? end - 1 : end;
  }

  private static int endOfRun(String text, int start, Kind kind) {
    int end = start;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      if (kind(codePoint) != kind) {
        break;
      }
      end += Character.charCount(codePoint);
    }
    return end;
  }

  /** Returns the length of an English contraction that begins here, or 0. */
  private static int contraction(String text, int start) {
    if (text.charAt(start) != '\'' || start + 1 >= text.length()) {
      return 0;
    }
    char first = text.charAt(start + 1);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return 2;
    }
    char second = start + 2 < text.length() ? text.charAt(start + 2) : 0;
    boolean two =
        (first == 'r' && second == 'e')
            || (first == 'v' && second == 'e')
            || (first == 'l' && second == 'l');
    return two ? 3 : 0;
  }

  private static Kind kind(int codePoint) {
    if (codePoint < 128) {
      return asciiKind(codePoint);
    }
    if (isBlank(codePoint)) {
      return Kind.BLANK;
    }
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          Kind.LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          Kind.NUMBER;
      default -> Kind.OTHER;
    };
  }

  private static Kind asciiKind(int c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      return Kind.LETTER;
    }
    if (c >= '0' && c <= '9') {
      return Kind.NUMBER;
    }
    return c == ' ' || (c >= 9 && c <= 13) ? Kind.BLANK : Kind.OTHER;
  }

  /** Unicode's White_Space beyond ASCII, which is what "\s" means in the pattern. */
  private static boolean isBlank(int c) {
    return c == 0x85
        || c == 0xa0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }
}
