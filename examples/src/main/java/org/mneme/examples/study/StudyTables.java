// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.mneme.eval.facts.Phrasing;
import org.mneme.eval.report.Table;
import org.mneme.eval.report.Table.Cell;
import org.mneme.eval.report.Table.Column;
import org.mneme.eval.report.Table.Goal;
import org.mneme.eval.report.Table.Row;

/** The tables that compare the systems of a study, each value as mean ± deviation over seeds. */
final class StudyTables {
  private static final double PERCENT = 100;
  private static final double MILLION = 1e6;
  private static final double KILO = 1e3;
  private static final double GIBI = 1L << 30;

  private final List<SystemResults> systems;

  StudyTables(List<SystemResults> systems) {
    this.systems = systems;
  }

  /** Loss, and what it took. */
  Table losses() {
    return new Columns()
        .add("validation loss", "nats", Goal.LOWEST, 3, RunResult::loss)
        .add("reads worth", "nats", Goal.HIGHEST, 3, RunResult::knockOut)
        .add("trained on", "M tokens", Goal.NONE, 2, r -> of(r.cost().tokens() / MILLION))
        .add("FLOPs of a token", "M", Goal.NONE, 1, r -> of(r.cost().flopsPerToken() / MILLION))
        .add("FLOPs", "T", Goal.NONE, 1, r -> of(r.cost().flops() / MILLION / MILLION))
        .add(
            "trainable", "M", Goal.NONE, 2, r -> of(r.evaluation().trainableParameters() / MILLION))
        .add("parameters", "M", Goal.NONE, 2, r -> of(r.evaluation().totalParameters() / MILLION))
        .add("speed", "k tokens/s", Goal.HIGHEST, 1, r -> of(r.cost().tokensPerSecond() / KILO))
        .add("peak memory", "GiB", Goal.LOWEST, 2, r -> of(r.cost().peakMemoryBytes() / GIBI))
        .table();
  }

  /** What is recalled of the facts. */
  Table facts() {
    return new Columns()
        .percent("recall, known words", r -> r.recall(Phrasing.TRAIN, true))
        .percent("without reads", r -> r.recall(Phrasing.TRAIN, false))
        .percent("recall, other words", r -> r.recall(Phrasing.HELD_OUT, true))
        .percent("the same without reads", r -> r.recall(Phrasing.HELD_OUT, false))
        .add("known", "kbit", Goal.HIGHEST, 1, r -> scaled(r.bits(), 1 / KILO))
        .table();
  }

  /** How memories are used, and what is written. */
  Table use() {
    return new Columns()
        .percent("entries used", RunResult::used)
        .percent("updates touched", RunResult::coverage)
        .percent("texts ended", RunResult::endTokenRate)
        .add("distinct-2", "", Goal.HIGHEST, 3, RunResult::distinct2)
        .table();
  }

  private static OptionalDouble of(double value) {
    return OptionalDouble.of(value);
  }

  private static OptionalDouble scaled(OptionalDouble value, double factor) {
    return value.isPresent() ? of(factor * value.getAsDouble()) : value;
  }

  /** Collects columns, behind those of the system's label and its number of seeds. */
  private final class Columns {
    private final List<Column> columns = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    Columns() {
      columns.add(Column.words("system"));
      columns.add(Column.numbers("n", "", Goal.NONE));
      for (SystemResults system : systems) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(system.system().label()));
        row.add(Cell.of(String.format(Locale.ROOT, "%d", system.runs().size())));
        rows.add(row);
      }
    }

    Columns percent(String header, Function<RunResult, OptionalDouble> value) {
      return add(header, "%", Goal.HIGHEST, 1, result -> scaled(value.apply(result), PERCENT));
    }

    Columns add(
        String header,
        String unit,
        Goal goal,
        int decimals,
        Function<RunResult, OptionalDouble> value) {
      columns.add(Column.numbers(header, unit, goal));
      for (int i = 0; i < systems.size(); i++) {
        Spread spread = systems.get(i).of(value);
        rows.get(i).add(new Cell(spread.text(decimals), spread.mean()));
      }
      return this;
    }

    Table table() {
      return new Table(columns, rows.stream().map(cells -> new Row(cells, -1, false)).toList());
    }
  }
}
