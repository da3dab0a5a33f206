// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.List;
import java.util.regex.Pattern;

/** Writes Markdown. Text is escaped here, so that none of it becomes markup. */
public final class MarkdownText {
  private static final Pattern LINE_BREAKS = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");
  private static final Pattern SPECIAL = Pattern.compile("[\\\\|<`*]");
  private static final Pattern NUMBER_AT_START = Pattern.compile("^(\\d+)([.)])");
  private static final Pattern SIGN_AT_START = Pattern.compile("^([#>+=-])");

  private final StringBuilder out = new StringBuilder();

  /** A heading of a level from 1 to 6. */
  public void heading(int level, String text) {
    blank();
    out.append("#".repeat(level)).append(' ').append(escape(text).strip()).append("\n\n");
  }

  /** A paragraph, apart from what stands around it. */
  public void paragraph(String text) {
    blank();
    out.append(escapeStart(text)).append("\n\n");
  }

  /** An item of a list. */
  public void item(String text) {
    rawItem(escapeStart(text));
  }

  /** An item of text that is escaped already. */
  public void rawItem(String text) {
    out.append("- ").append(text).append('\n');
  }

  /** An item below one, of text that is escaped already. */
  public void rawSubItem(String text) {
    out.append("  - ").append(text).append('\n');
  }

  /** A paragraph that is quoted. */
  public void quote(String text) {
    blank();
    out.append("> ").append(escapeStart(text)).append("\n\n");
  }

  /** A table. */
  public void table(Table table) {
    blank();
    out.append(MarkdownTable.render(table)).append('\n');
  }

  /** Lines as they are, such as for a shell. */
  public void fenced(List<String> lines) {
    blank();
    String all = String.join("\n", lines);
    String fence = "`".repeat(Math.max(3, longestRunOfTicks(all) + 1));
    out.append(fence).append('\n').append(all).append('\n').append(fence).append("\n\n");
  }

  /** Ends a paragraph, a list or a table, unless that was done. */
  public void blank() {
    int length = out.length();
    boolean blank =
        length < 2 || (out.charAt(length - 1) == '\n' && out.charAt(length - 2) == '\n');
    if (!blank) {
      out.append('\n');
    }
  }

  /** The document, which ends with one line break. */
  public String finish() {
    return out.toString().stripTrailing() + "\n";
  }

  /** Text on one line that means what it says. */
  public static String escape(String text) {
    return SPECIAL.matcher(LINE_BREAKS.matcher(text).replaceAll(" ")).replaceAll("\\\\$0");
  }

  private static String escapeStart(String text) {
    String escaped = escape(text).stripLeading();
    String numbered = NUMBER_AT_START.matcher(escaped).replaceFirst("$1\\\\$2");
    return SIGN_AT_START.matcher(numbered).replaceFirst("\\\\$1");
  }

  /** Text as it is, on one line. */
  public static String code(String text) {
    String line = LINE_BREAKS.matcher(text).replaceAll("⏎");
    String ticks = "`".repeat(longestRunOfTicks(line) + 1);
    boolean padded = line.isBlank() || line.startsWith("`") || line.endsWith("`");
    return ticks + (padded ? " " + line + " " : line) + ticks;
  }

  private static int longestRunOfTicks(String text) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < text.length(); i++) {
      run = text.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }
}
