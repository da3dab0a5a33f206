// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.mneme.eval.facts.AttributeScore;
import org.mneme.eval.facts.FactsEvaluation;
import org.mneme.eval.facts.PhrasingScore;
import org.mneme.eval.generate.GenerationEvaluation;
import org.mneme.eval.generate.GenerationMetrics;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;

/** Evaluations as tables, with what is left without the memory beside what is there with it. */
public final class EvaluationTables {
  private static final String ALL = "all";

  private EvaluationTables() {}

  /** What a model writes: a row for each metric. */
  public static Table generation(GenerationEvaluation evaluation) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("generated text"));
    columns.add(Column.numbers("as it is", "", Goal.NONE));
    if (evaluation.withoutReads() != null) {
      columns.add(Column.numbers("without reads", "", Goal.NONE));
    }
    return new Table(
        columns,
        List.of(
            metric("ended by the model", "%.1f %%", m -> 100 * m.endTokenRate(), evaluation),
            metric("mean length, tokens", "%.1f", GenerationMetrics::meanLength, evaluation),
            metric("distinct-1", "%.3f", GenerationMetrics::distinct1, evaluation),
            metric("distinct-2", "%.3f", GenerationMetrics::distinct2, evaluation),
            metric("repeated 4-grams", "%.3f", GenerationMetrics::repetition4, evaluation),
            metric("longest loop", "%.3f", GenerationMetrics::longestLoop, evaluation),
            metric("self-BLEU", "%.3f", GenerationMetrics::selfBleu, evaluation)));
  }

  private static Row metric(
      String name,
      String format,
      Function<GenerationMetrics, Double> value,
      GenerationEvaluation evaluation) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(name));
    cells.add(cell(format, value.apply(evaluation.metrics())));
    if (evaluation.withoutReads() != null) {
      cells.add(cell(format, value.apply(evaluation.withoutReads())));
    }
    return new Row(cells, -1, false);
  }

  /** What a model recalls: a row for each attribute of each phrasing, and one for all of them. */
  public static Table facts(FactsEvaluation evaluation) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("words"));
    columns.add(Column.words("attribute"));
    columns.add(Column.numbers("recalled", "%", Goal.NONE));
    columns.add(Column.numbers("ranked first", "%", Goal.NONE));
    columns.add(Column.numbers("mean rank", "", Goal.NONE));
    columns.add(Column.numbers("log p", "nats", Goal.NONE));
    columns.add(Column.numbers("bits", "", Goal.NONE));
    columns.add(Column.numbers("possible bits", "", Goal.NONE));
    boolean silenced = !evaluation.withoutReads().isEmpty();
    if (silenced) {
      columns.add(Column.numbers("recalled without reads", "%", Goal.NONE));
      columns.add(Column.numbers("bits without reads", "", Goal.NONE));
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < evaluation.phrasings().size(); i++) {
      PhrasingScore score = evaluation.phrasings().get(i);
      List<FactLine> lines = lines(score);
      List<FactLine> without = silenced ? lines(evaluation.withoutReads().get(i)) : List.of();
      for (int line = 0; line < lines.size(); line++) {
        List<Cell> cells = new ArrayList<>();
        cells.add(Cell.of(score.phrasing().id()));
        cells.addAll(lines.get(line).cells());
        if (silenced) {
          cells.addAll(without.get(line).shortCells());
        }
        rows.add(new Row(cells, -1, false));
      }
    }
    return new Table(columns, rows);
  }

  private static List<FactLine> lines(PhrasingScore score) {
    List<FactLine> lines = new ArrayList<>();
    lines.add(FactLine.of(score));
    score.attributes().forEach(attribute -> lines.add(FactLine.of(attribute)));
    return lines;
  }

  private record FactLine(
      String attribute,
      double recall,
      double first,
      double rank,
      double logProbability,
      double bits,
      double possible) {
    static FactLine of(PhrasingScore s) {
      return new FactLine(
          ALL,
          s.exactRecall(),
          s.rankedFirst(),
          s.meanRank(),
          s.logProbability(),
          s.bits(),
          s.possibleBits());
    }

    static FactLine of(AttributeScore s) {
      return new FactLine(
          s.attribute(),
          s.exactRecall(),
          s.rankedFirst(),
          s.meanRank(),
          s.logProbability(),
          s.bits(),
          s.possibleBits());
    }

    List<Cell> cells() {
      return List.of(
          Cell.of(attribute),
          cell("%.1f", 100 * recall),
          cell("%.1f", 100 * first),
          cell("%.2f", rank),
          cell("%.2f", logProbability),
          cell("%,.0f", bits),
          cell("%,.0f", possible));
    }

    List<Cell> shortCells() {
      return List.of(cell("%.1f", 100 * recall), cell("%,.0f", bits));
    }
  }

  private static Cell cell(String format, Double value) {
    return value == null
        ? Cell.of("–")
        : new Cell(String.format(Locale.ROOT, format, value), value);
  }
}
