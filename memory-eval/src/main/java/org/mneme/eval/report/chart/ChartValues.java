// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;

/** Curves as a table: a row for each of some places, a column for each curve. */
final class ChartValues {
  private static final int ROWS = 10;

  private ChartValues() {}

  static Table of(
      String xLabel, String yLabel, List<LineChart.Line> lines, DoubleFunction<String> format) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.numbers(xLabel, "", Goal.NONE));
    lines.forEach(line -> columns.add(Column.numbers(line.label(), yLabel, Goal.NONE)));
    List<Double> places = places(lines);
    double largest = places.isEmpty() ? 0 : places.get(places.size() - 1);
    Numbers.Unit unit = Numbers.countUnit(largest);
    int decimals = decimals(largest / unit.factor());
    List<Row> rows = new ArrayList<>();
    for (double place : places) {
      List<Cell> cells = new ArrayList<>();
      cells.add(Cell.of(unit.format(place, decimals) + unit.suffix()));
      lines.forEach(line -> cells.add(Cell.of(format.apply(line.series().at(place)))));
      rows.add(new Row(cells, -1, false));
    }
    return new Table(columns, rows);
  }

  private static int decimals(double largest) {
    if (largest >= 100) {
      return 0;
    }
    return largest >= 10 ? 1 : 2;
  }

  /** Places of points, spread evenly over all that there are; the last one is among them. */
  private static List<Double> places(List<LineChart.Line> lines) {
    TreeSet<Double> all = new TreeSet<>();
    for (LineChart.Line line : lines) {
      double[] y = line.series().y();
      double[] x = line.series().x();
      for (int i = 0; i < x.length; i++) {
        if (Double.isFinite(y[i])) {
          all.add(x[i]);
        }
      }
    }
    List<Double> sorted = List.copyOf(all);
    int rows = Math.min(ROWS, sorted.size());
    List<Double> places = new ArrayList<>();
    for (int i = 1; i <= rows; i++) {
      places.add(sorted.get((int) ((long) i * sorted.size() / rows) - 1));
    }
    return places;
  }
}
