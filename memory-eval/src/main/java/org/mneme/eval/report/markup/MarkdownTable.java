// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.ArrayList;
import java.util.List;

/** Writes a {@link Table} as a Markdown table that is aligned for a console, too. */
public final class MarkdownTable {
  private MarkdownTable() {}

  /** The table, one line for each row, each line with its end; the best values are bold. */
  public static String render(Table table) {
    int columns = table.columns().size();
    List<List<String>> lines = new ArrayList<>();
    lines.add(table.columns().stream().map(MarkdownTable::header).toList());
    for (Table.Row row : table.rows()) {
      List<String> line = new ArrayList<>();
      for (int c = 0; c < columns; c++) {
        String text = MarkdownText.escape(row.cells().get(c).text());
        line.add(table.isBest(row, c) ? "**" + text + "**" : text);
      }
      lines.add(line);
    }
    int[] widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      widths[c] = Math.max(3, lines.stream().mapToInt(l -> width(l.get(column))).max().orElse(0));
    }
    StringBuilder out = new StringBuilder();
    append(out, table, lines.get(0), widths);
    appendRule(out, table, widths);
    lines.subList(1, lines.size()).forEach(line -> append(out, table, line, widths));
    return out.toString();
  }

  private static String header(Table.Column column) {
    String header = MarkdownText.escape(column.header());
    return column.unit().isEmpty()
        ? header
        : header + " (" + MarkdownText.escape(column.unit()) + ")";
  }

  private static void append(StringBuilder out, Table table, List<String> cells, int[] widths) {
    for (int c = 0; c < widths.length; c++) {
      String padding = " ".repeat(widths[c] - width(cells.get(c)));
      boolean right = table.columns().get(c).numeric();
      out.append("| ").append(right ? padding : "").append(cells.get(c));
      out.append(right ? "" : padding).append(' ');
    }
    out.append("|\n");
  }

  private static void appendRule(StringBuilder out, Table table, int[] widths) {
    for (int c = 0; c < widths.length; c++) {
      String rule = "-".repeat(widths[c] - 1);
      out.append(table.columns().get(c).numeric() ? "| " + rule + ": " : "| :" + rule + " ");
    }
    out.append("|\n");
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
