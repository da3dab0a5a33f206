// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;

/** The run beside others, at equal tokens. */
final class ComparisonSection {
  private static final int PLACES = 8;

  private ComparisonSection() {}

  static List<Block> blocks(RunRecord record) {
    List<Block> blocks = new ArrayList<>();
    if (record.baselines().isEmpty()) {
      String named = record.run().baseline();
      blocks.add(
          Block.missing(
              named.isEmpty()
                  ? "There is nothing to compare with: './mneme report RUN --baseline RUN' does."
                  : "The baseline is "
                      + named
                      + "; './mneme report RUN --baseline RUN' compares with it."));
    }
    if (record.groups().size() > 1 || record.group().runs().size() > 1) {
      blocks.add(Block.table(GroupTables.results(record.groups())));
    }
    record.notes().forEach(note -> blocks.add(Block.missing(note)));
    for (RunGroup baseline : record.baselines()) {
      blocks.add(Block.heading("Paired with " + baseline.label()));
      Table table = paired(record.group(), baseline);
      boolean none = table.rows().isEmpty();
      blocks.add(
          none ? Block.missing("They have no validation at equal tokens.") : Block.table(table));
    }
    if (!record.baselines().isEmpty()) {
      blocks.add(
          Block.hint(
              "Validation loss at equal training tokens, on a straight line between validations;"
                  + " ± is the standard deviation over seeds. A difference below 0 is good. Where"
                  + " both have runs of equal seeds, the difference is the mean over these pairs."));
    }
    return blocks;
  }

  private static Table paired(RunGroup own, RunGroup other) {
    Rows rows =
        new Rows(
            Rows.numbers("tokens", ""),
            Rows.numbers(own.label(), "nats"),
            Rows.numbers(other.label(), "nats"),
            Rows.numbers("difference", "nats"),
            Rows.numbers("pairs of seeds", ""));
    for (double tokens : places(own, Math.min(own.tokens(), other.tokens()))) {
      Spread mine = own.lossAt(tokens);
      Spread theirs = other.lossAt(tokens);
      if (mine.n() == 0 || theirs.n() == 0) {
        continue;
      }
      Spread paired = own.pairedDifference(other, tokens);
      Spread difference =
          paired.n() > 0 ? paired : new Spread(mine.mean() - theirs.mean(), Double.NaN, 0);
      rows.add(
          -1,
          List.of(
              Cell.of(Numbers.count(tokens)),
              Cell.of(mine.text(3)),
              Cell.of(theirs.text(3)),
              Cell.of(difference.signed(3)),
              Cell.of(Numbers.whole(paired.n()))));
    }
    return rows.table();
  }

  /**
   * Some validations of the run up to a number of tokens; the last one that there is among them.
   */
  private static List<Double> places(RunGroup own, double most) {
    Series losses = own.meanLoss();
    List<Double> all = new ArrayList<>();
    for (double place : losses.x()) {
      if (place <= most) {
        all.add(place);
      }
    }
    int shown = Math.min(PLACES, all.size());
    List<Double> places = new ArrayList<>();
    for (int i = 1; i <= shown; i++) {
      places.add(all.get((int) ((long) i * all.size() / shown) - 1));
    }
    return places;
  }
}
