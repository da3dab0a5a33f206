// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.google.common.primitives.Ints;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Text as terminals lay it out: in cells, of which wide characters take two. */
final class TerminalText {
  /** Ranges of East Asian wide characters and of emoji, both ends included. */
  private static final int[][] WIDE = {
    {0x1100, 0x115F},
    {0x2E80, 0x303E},
    {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD}
  };

  private TerminalText() {}

  /** Returns the number of cells that a text takes. */
  static int width(String text) {
    return text.codePoints().map(TerminalText::cells).sum();
  }

  /** Returns the text, or its beginning and an ellipsis in at most {@code most} cells. */
  static String cut(String text, int most) {
    if (width(text) <= most) {
      return text;
    }
    StringBuilder cut = new StringBuilder();
    int left = most - 1;
    for (int point : text.codePoints().toArray()) {
      left -= cells(point);
      if (left < 0) {
        break;
      }
      cut.appendCodePoint(point);
    }
    return most > 0 ? cut + "…" : "";
  }

  private static int cells(int point) {
    switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> {
        return 0;
      }
      default -> {
        for (int[] range : WIDE) {
          if (point >= range[0] && point <= range[1]) {
            return 2;
          }
        }
        return 1;
      }
    }
  }

  /** Returns the width of the terminal: that of COLUMNS or of stty; 0 if neither is known. */
  static int columns() {
    Integer told = Ints.tryParse(System.getenv().getOrDefault("COLUMNS", ""));
    return told != null && told > 0 ? told : ofTerminal();
  }

  private static int ofTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
        return 0;
      }
      byte[] printed = stty.getInputStream().readAllBytes();
      String[] size = new String(printed, StandardCharsets.UTF_8).strip().split(" ", 2);
      Integer columns = size.length == 2 ? Ints.tryParse(size[1]) : null;
      return columns == null ? 0 : Math.max(0, columns);
    } catch (IOException e) {
      return 0; // no stty, or no terminal
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}
