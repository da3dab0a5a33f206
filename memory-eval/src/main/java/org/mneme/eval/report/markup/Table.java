// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A table of results, apart from how it is written.
 *
 * @param columns the columns
 * @param rows the rows, each with one cell for each column
 */
public record Table(List<Column> columns, List<Row> rows) {

  /** Which value of a column is the best. */
  public enum Goal {
    /** None: the column states facts. */
    NONE,
    /** The smallest. */
    LOWEST,
    /** The largest. */
    HIGHEST
  }

  /**
   * A column.
   *
   * @param header its name
   * @param unit the unit of its values; may be empty
   * @param numeric whether it is aligned to the right
   * @param goal which value is the best
   */
  public record Column(String header, String unit, boolean numeric, Goal goal) {
    /** A column of words. */
    public static Column words(String header) {
      return new Column(header, "", false, Goal.NONE);
    }

    /** A column of numbers. */
    public static Column numbers(String header, String unit, Goal goal) {
      return new Column(header, unit, true, goal);
    }
  }

  /**
   * A cell.
   *
   * @param text what is shown
   * @param value what is compared to find the best of a column; NaN takes no part
   */
  public record Cell(String text, double value) {
    /** A cell that takes no part in a comparison. */
    public static Cell of(String text) {
      return new Cell(text, Double.NaN);
    }
  }

  /**
   * A row.
   *
   * @param cells its cells
   * @param color number of the colour of its run in the charts, or -1 for none
   * @param aside whether it stands back: it is drawn faintly and takes no part in a comparison
   */
  public record Row(List<Cell> cells, int color, boolean aside) {
    /** Copies the list. */
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if a row has more or fewer cells than there are columns
   */
  public Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      if (row.cells().size() != columns.size()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "table: found a row of %d cells, expected %d",
                row.cells().size(),
                columns.size()));
      }
    }
  }

  /** Whether that cell holds the best value of its column and another row holds a worse one. */
  public boolean isBest(Row row, int column) {
    Objects.checkIndex(column, columns.size());
    Goal goal = columns.get(column).goal();
    double value = row.cells().get(column).value();
    if (goal == Goal.NONE || row.aside() || !Double.isFinite(value)) {
      return false;
    }
    double sign = goal == Goal.LOWEST ? 1 : -1;
    boolean beatsAnother = false;
    for (Row other : rows) {
      double compared = other.cells().get(column).value();
      if (other.aside() || !Double.isFinite(compared)) {
        continue;
      }
      if (sign * compared < sign * value) {
        return false;
      }
      beatsAnother |= sign * compared > sign * value;
    }
    return beatsAnother;
  }
}
