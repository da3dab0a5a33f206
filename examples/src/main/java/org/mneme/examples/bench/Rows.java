// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mneme.eval.report.markup.MarkdownTable;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Row;

/** Console tables and their rows. */
final class Rows {
  static final String NONE = "–";

  private Rows() {}

  /** A table with a row for each item. */
  static <T> String table(List<Column> columns, List<T> items, Function<T, Row> row) {
    return MarkdownTable.render(
        new Table(columns, items.stream().map(row).collect(Collectors.toList())));
  }

  static Row of(String... texts) {
    List<Cell> cells = new ArrayList<>();
    for (String text : texts) {
      cells.add(Cell.of(text));
    }
    return new Row(cells, -1, false);
  }

  /** A number, or a dash for NaN. */
  static String format(String pattern, double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, pattern, value);
  }
}
