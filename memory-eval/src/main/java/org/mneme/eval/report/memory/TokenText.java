// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import java.util.Locale;
import org.mneme.eval.report.markup.Markup;

/** Shows the text of tokens so that also what has no ink is seen. */
final class TokenText {
  private static final int CONTROL_PICTURES = 0x2400;

  private TokenText() {}

  /** Writes the characters of a token; those without ink as faint signs. */
  static void write(Markup html, String token) {
    if (token.isEmpty()) {
      html.leaf("i", "∅", "class", "ws");
      return;
    }
    StringBuilder ink = new StringBuilder();
    token
        .codePoints()
        .forEach(
            c -> {
              String sign = sign(c);
              if (sign == null) {
                ink.appendCodePoint(c);
              } else {
                flush(html, ink);
                html.leaf("i", sign, "class", "ws");
              }
            });
    flush(html, ink);
  }

  private static void flush(Markup html, StringBuilder ink) {
    if (ink.length() > 0) {
      html.text(ink.toString());
      ink.setLength(0);
    }
  }

  /** A sign for a character that cannot be seen, or null. */
  private static String sign(int c) {
    if (c < 0x20) {
      return switch (c) {
        case '\n' -> "⏎";
        case '\t' -> "⇥";
        default -> Character.toString(CONTROL_PICTURES + c);
      };
    }
    if (c == ' ') {
      return "␣";
    }
    boolean unseen =
        c == 0x7f
            || Character.isSpaceChar(c)
            || Character.isISOControl(c)
            || Character.getType(c) == Character.FORMAT;
    return unseen ? String.format(Locale.ROOT, "U+%04X", c) : null;
  }
}
