// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Goal;

/** Tables with a row for each group of runs and a column for each number. */
final class GroupTables {
  private GroupTables() {}

  /**
   * A number of a table.
   *
   * @param header what stands above it
   * @param unit its unit; may be empty
   * @param measure its name; see {@link Measures}
   * @param factor what one unit is
   * @param decimals shown
   * @param goal which is the best
   */
  record Column(
      String header, String unit, String measure, double factor, int decimals, Goal goal) {
    Column(String header, String unit, String measure, int decimals, Goal goal) {
      this(header, unit, measure, 1, decimals, goal);
    }
  }

  private static final List<Column> RESULTS =
      List.of(
          new Column("validation loss", "nats", Measures.VALIDATION_LOSS, 3, Goal.LOWEST),
          new Column("perplexity", "", Measures.PERPLEXITY, 1, Goal.LOWEST),
          new Column("knock-out", "nats", Measures.KNOCK_OUT, 3, Goal.HIGHEST),
          new Column(
              "recall, trained words", "%", recall("phrasings.train"), 0.01, 1, Goal.HIGHEST),
          new Column("recall, new words", "%", recall("phrasings.held_out"), 0.01, 1, Goal.HIGHEST),
          new Column("entries used", "%", "memory.used_any", 0.01, 1, Goal.NONE),
          new Column("speed", "tokens/s", Measures.SPEED, 0, Goal.HIGHEST),
          new Column("trainable", "M", Measures.PARAMETERS, 1e6, 2, Goal.NONE),
          new Column("training cost", "MFLOP a token", Measures.FLOPS, 1e6, 1, Goal.NONE),
          new Column("trained on", "M tokens", Measures.TOKENS, 1e6, 2, Goal.NONE),
          new Column("peak memory", "GiB", "cost.peak_memory_bytes", 1L << 30, 2, Goal.LOWEST));

  private static String recall(String phrasing) {
    return "evaluation.facts." + phrasing + ".exact_recall";
  }

  /** Loss, what the memory contributes, facts, speed and cost. */
  static Table results(List<RunGroup> groups) {
    return of(groups, RESULTS);
  }

  /** A row for each group; columns in which nothing was measured are left out. */
  static Table of(List<RunGroup> groups, List<Column> numbers) {
    return of(groups, group -> true, numbers);
  }

  /** The same with rows for some groups only; their colours stay those that they have elsewhere. */
  static Table of(List<RunGroup> groups, Predicate<RunGroup> some, List<Column> numbers) {
    List<Column> shown =
        numbers.stream()
            .filter(
                number ->
                    groups.stream()
                        .filter(some)
                        .anyMatch(group -> group.measure(number.measure()).n() > 0))
            .toList();
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.words("system"));
    columns.add(Rows.numbers("seeds", ""));
    shown.forEach(n -> columns.add(Table.Column.numbers(n.header(), n.unit(), n.goal())));
    Rows rows = new Rows(columns);
    for (int i = 0; i < groups.size(); i++) {
      RunGroup group = groups.get(i);
      if (some.test(group)) {
        Stream<Cell> cells = shown.stream().map(number -> cell(group, number));
        rows.add(
            group,
            i,
            Stream.concat(Stream.of(Cell.of(group.label()), seeds(group)), cells).toList());
      }
    }
    return rows.table();
  }

  /** How many runs a mean is of. */
  static Cell seeds(RunGroup group) {
    int finished = group.finished().size();
    return Cell.of(finished == 0 ? "not finished" : Numbers.whole(finished));
  }

  private static Cell cell(RunGroup group, Column number) {
    Spread spread = group.measure(number.measure());
    String text = spread.text(number.factor(), number.decimals());
    boolean some = spread.n() > 0 && spread.n() < group.finished().size();
    return new Cell(some ? text + " (n = " + spread.n() + ")" : text, spread.mean());
  }
}
