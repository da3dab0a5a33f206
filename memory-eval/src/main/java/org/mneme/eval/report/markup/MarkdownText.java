// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes Markdown. Text is escaped here, so that none of it becomes markup. */
public final class MarkdownText {
  private static final Pattern LINE_BREAKS =
      Pattern.compile("[\\s\\u2028\\u2029]*[\\n\\t\\u2028\\u2029][\\s\\u2028\\u2029]*");

  /**
   * What would become markup: of CommonMark, of GitHub's tables and strike-through, of footnotes
   * and formulas. An underscore within a word is none.
   */
  private static final Pattern SPECIAL =
      Pattern.compile("[\\\\|<`*\\[\\]~&$^]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])");

  /**
   * What makes a link of an address without any markup. No escape prevents that, since links are
   * looked for in text whose escapes are resolved; within code they are not.
   */
  private static final Pattern ADDRESS = Pattern.compile("(?i)(?:://|@|www\\.)+");

  private static final Pattern ONE_LINE_BREAK = Pattern.compile("[\\n\\u2028\\u2029]");
  private static final Pattern NUMBER_AT_START = Pattern.compile("^(\\d+)([.)])");
  private static final Pattern SIGN_AT_START = Pattern.compile("^([#>+=-])");
  private static final Pattern HASHES = Pattern.compile("#");

  private final StringBuilder out = new StringBuilder();

  /** A heading of a level from 1 to 6. */
  public void heading(int level, String text) {
    blank();
    // A heading may end with signs that count as its end.
    String escaped = HASHES.matcher(escape(text).strip()).replaceAll("\\\\#");
    out.append("#".repeat(level)).append(' ').append(escaped).append("\n\n");
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
    String all = VisibleText.of(String.join("\n", lines));
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
    String line = LINE_BREAKS.matcher(VisibleText.of(text)).replaceAll(" ");
    StringBuilder escaped = new StringBuilder();
    Matcher address = ADDRESS.matcher(line);
    int from = 0;
    while (address.find()) {
      escaped.append(escapeSpecial(line.substring(from, address.start())));
      escaped.append('`').append(address.group()).append('`');
      from = address.end();
    }
    return escaped.append(escapeSpecial(line.substring(from))).toString();
  }

  private static String escapeSpecial(String text) {
    return SPECIAL.matcher(text).replaceAll("\\\\$0");
  }

  private static String escapeStart(String text) {
    String escaped = escape(text).stripLeading();
    String numbered = NUMBER_AT_START.matcher(escaped).replaceFirst("$1\\\\$2");
    return SIGN_AT_START.matcher(numbered).replaceFirst("\\\\$1");
  }

  /** Text as it is, on one line. */
  public static String code(String text) {
    String line = ONE_LINE_BREAK.matcher(VisibleText.of(text)).replaceAll("⏎");
    String ticks = "`".repeat(longestRunOfTicks(line) + 1);
    boolean spaced = line.startsWith(" ") && line.endsWith(" ") && !line.isBlank();
    boolean padded = line.isEmpty() || spaced || line.startsWith("`") || line.endsWith("`");
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
