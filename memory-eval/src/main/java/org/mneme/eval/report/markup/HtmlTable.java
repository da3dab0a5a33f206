// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.List;

/** Writes a {@link Table} as HTML that scrolls sideways in itself when the screen is narrow. */
public final class HtmlTable {
  private HtmlTable() {}

  /** Writes the table; the best values are bold. */
  public static void render(Markup html, Table table) {
    html.open("div", "class", "scroll", "tabindex", "0").open("table");
    html.open("thead").open("tr");
    for (Table.Column column : table.columns()) {
      html.open("th", "scope", "col", "class", column.numeric() ? "number" : null);
      html.text(column.header());
      if (!column.unit().isEmpty()) {
        html.text(" ").leaf("small", column.unit());
      }
      html.close();
    }
    html.close().close().open("tbody");
    table.rows().forEach(row -> row(html, table, row));
    html.close().close().close();
  }

  private static void row(Markup html, Table table, Table.Row row) {
    html.open("tr", "class", row.aside() ? "aside" : null);
    List<Table.Cell> cells = row.cells();
    for (int c = 0; c < cells.size(); c++) {
      String text = cells.get(c).text();
      if (c == 0) {
        String kind = table.columns().get(0).numeric() ? "number" : null;
        html.open("th", "scope", "row", "class", kind);
        if (row.color() >= 0) {
          html.open("i", "class", "key " + Palette.cssClass(row.color())).close();
        }
        html.text(text).close();
        continue;
      }
      boolean best = table.isBest(row, c);
      html.open("td", "class", classes(table.columns().get(c).numeric(), best));
      if (best) {
        html.leaf("strong", text, "title", "the best of its column");
      } else {
        html.text(text);
      }
      html.close();
    }
    html.close();
  }

  private static String classes(boolean numeric, boolean best) {
    String classes = (numeric ? "number " : "") + (best ? "best" : "");
    return classes.isEmpty() ? null : classes.trim();
  }
}
