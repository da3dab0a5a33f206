// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Goal;

/** Collects the rows of a table. */
final class Rows {
  private final List<Table.Column> columns;
  private final List<Table.Row> rows = new ArrayList<>();

  Rows(Table.Column... columns) {
    this(List.of(columns));
  }

  Rows(List<Table.Column> columns) {
    this.columns = List.copyOf(columns);
  }

  static Table.Column words(String header) {
    return Table.Column.words(header);
  }

  static Table.Column numbers(String header, String unit) {
    return Table.Column.numbers(header, unit, Goal.NONE);
  }

  void add(String... texts) {
    add(-1, Arrays.stream(texts).map(Cell::of).toList());
  }

  void add(int color, List<Cell> cells) {
    rows.add(new Table.Row(cells, color, false));
  }

  /** Adds the row of a group; one that did not finish takes no part in what is best. */
  void add(RunGroup group, int color, List<Cell> cells) {
    rows.add(new Table.Row(cells, color, group.finished().isEmpty()));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  Table table() {
    return new Table(columns, rows);
  }
}
