// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;

/** The tables that compare the runs of a report. */
public final class ComparisonTables {
  private static final Numbers.Unit ONE = new Numbers.Unit("", 1);

  private ComparisonTables() {}

  /** Size, loss, speed and memory of each run, with the unigram entropy as the last row. */
  public static Table results(Report report) {
    List<RunSummary> runs = report.runs();
    double unigram = report.unigramEntropy();
    boolean hasUnigram = Double.isFinite(unigram);
    Numbers.Unit count = Numbers.countUnit(largest(runs, RunSummary::totalParameters));
    Numbers.Unit bytes = Numbers.byteUnit(largest(runs, RunSummary::peakMemoryBytes));
    Numbers.Unit tokens = Numbers.countUnit(largest(runs, RunSummary::trainTokens));
    int byteDecimals = bytes.suffix().equals("GiB") ? 2 : 0;

    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("run"));
    columns.add(Column.numbers("validation loss", "nats", Goal.LOWEST));
    columns.add(Column.numbers("perplexity", "", Goal.LOWEST));
    if (hasUnigram) {
      columns.add(Column.numbers("below unigram", "nats", Goal.NONE));
    }
    columns.add(Column.numbers("trainable", count.suffix(), Goal.NONE));
    columns.add(Column.numbers("parameters", count.suffix(), Goal.NONE));
    columns.add(Column.numbers("trained on", (tokens.suffix() + " tokens").trim(), Goal.NONE));
    columns.add(Column.numbers("time", "min", Goal.LOWEST));
    columns.add(Column.numbers("speed", "tokens/s", Goal.HIGHEST));
    columns.add(Column.numbers("peak memory", bytes.suffix(), Goal.LOWEST));

    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      RunSummary run = runs.get(i);
      List<Cell> cells = new ArrayList<>();
      cells.add(Cell.of(run.label()));
      cells.add(fixed(run.finalValidationLoss(), 3));
      cells.add(fixed(run.perplexity(), 1));
      if (hasUnigram) {
        cells.add(fixed(unigram - run.finalValidationLoss(), 3));
      }
      cells.add(scaled(run.trainableParameters(), count, count.factor() == 1 ? 0 : 2));
      cells.add(scaled(run.totalParameters(), count, count.factor() == 1 ? 0 : 2));
      cells.add(scaled(run.trainTokens(), tokens, tokens.factor() < 1e6 ? 0 : 2));
      cells.add(fixed(run.trainSeconds() / 60, 1));
      cells.add(fixed(run.tokensPerSecond().median(), 0));
      cells.add(scaled(run.peakMemoryBytes(), bytes, byteDecimals));
      rows.add(new Row(cells, i, false));
    }
    if (hasUnigram) {
      rows.add(unigramRow(unigram, columns.size()));
    }
    return new Table(columns, rows);
  }

  private static Row unigramRow(double unigram, int columns) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of("unigram entropy"));
    cells.add(fixed(unigram, 3));
    cells.add(fixed(Math.exp(unigram), 1));
    while (cells.size() < columns) {
      cells.add(Cell.of(""));
    }
    return new Row(cells, -1, true);
  }

  /** How the memory of each run that has one was used; no rows if none has. */
  public static Table memoryUsage(Report report) {
    boolean knockout =
        report.runs().stream()
            .flatMap(run -> run.usage().stream())
            .anyMatch(usage -> Double.isFinite(usage.lossWithoutReads()));
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("run"));
    columns.add(Column.numbers("entries", "", Goal.NONE));
    columns.add(Column.numbers("used in any slot", "%", Goal.HIGHEST));
    columns.add(Column.numbers("used first", "%", Goal.HIGHEST));
    columns.add(Column.numbers("never used", "entries", Goal.LOWEST));
    columns.add(Column.numbers("KL to uniform", "nats", Goal.LOWEST));
    columns.add(Column.numbers("entropy", "nats", Goal.HIGHEST));
    columns.add(Column.numbers("Gini", "0–1", Goal.LOWEST));
    if (knockout) {
      columns.add(Column.numbers("loss without reads", "nats", Goal.NONE));
      columns.add(Column.numbers("reads contribute", "nats", Goal.HIGHEST));
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < report.runs().size(); i++) {
      RunSummary run = report.runs().get(i);
      if (run.usage().isPresent()) {
        rows.add(new Row(usageCells(run, run.usage().get(), knockout), i, false));
      }
    }
    return new Table(columns, rows);
  }

  private static List<Cell> usageCells(RunSummary run, MemoryUsage usage, boolean knockout) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(run.label()));
    cells.add(scaled(usage.entries(), ONE, 0));
    cells.add(fixed(100 * usage.usedAny(), 1));
    cells.add(fixed(100 * usage.usedFirst(), 1));
    cells.add(new Cell(Numbers.whole(usage.dead()), (double) usage.dead()));
    cells.add(fixed(usage.klToUniform(), 3));
    cells.add(fixed(usage.entropy(), 3));
    cells.add(fixed(usage.gini(), 3));
    if (knockout) {
      cells.add(fixed(usage.lossWithoutReads(), 3));
      cells.add(fixed(usage.lossWithoutReads() - run.finalValidationLoss(), 3));
    }
    return cells;
  }

  /** The settings, one row for each and one column for each run; those equal in all stand back. */
  public static Table settings(Report report) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("setting"));
    Set<String> keys = new LinkedHashSet<>();
    for (RunSummary run : report.runs()) {
      columns.add(Column.words(run.label()));
      keys.addAll(run.settings().keySet());
    }
    List<Row> rows = new ArrayList<>();
    for (String key : keys) {
      List<Cell> cells = new ArrayList<>();
      cells.add(Cell.of(key));
      report.runs().stream()
          .map(run -> Cell.of(run.settings().getOrDefault(key, Numbers.NONE)))
          .forEach(cells::add);
      boolean same = cells.stream().skip(1).map(Cell::text).distinct().count() == 1;
      rows.add(new Row(cells, -1, same && report.runs().size() > 1));
    }
    return new Table(columns, rows);
  }

  private static double largest(List<RunSummary> runs, ToDoubleFunction<RunSummary> value) {
    return runs.stream().mapToDouble(value).max().orElse(0);
  }

  private static Cell fixed(double value, int decimals) {
    return new Cell(Numbers.fixed(value, decimals), value);
  }

  /** A count of 0 was not measured. */
  private static Cell scaled(long value, Numbers.Unit unit, int decimals) {
    return value == 0
        ? Cell.of(Numbers.NONE)
        : new Cell(unit.format((double) value, decimals), (double) value);
  }
}
