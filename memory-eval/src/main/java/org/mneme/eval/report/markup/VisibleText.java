// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.Locale;

/**
 * Text of models and data for terminals and reports. Control characters would move the cursor,
 * change colours or the title of a terminal, or turn the direction of what follows; they are shown
 * as escapes, such as {@code \u001B}.
 */
public final class VisibleText {
  private VisibleText() {}

  /**
   * Returns a text in which line breaks and tabs are the only control characters. Others of C0 and
   * C1, delete, the marks that override, embed or isolate directions, and halves of surrogate pairs
   * become escapes.
   */
  public static String of(String text) {
    if (text.codePoints().noneMatch(VisibleText::acts)) {
      return text;
    }
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (acts(c)) {
                visible.append(String.format(Locale.ROOT, "\\u%04X", c));
              } else {
                visible.appendCodePoint(c);
              }
            });
    return visible.toString();
  }

  private static boolean acts(int c) {
    boolean control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f);
    boolean direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return control || direction || (c >= 0xd800 && c <= 0xdfff);
  }
}
