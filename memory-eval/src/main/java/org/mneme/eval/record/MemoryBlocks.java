// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.mneme.eval.record.GroupTables.Column;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.chart.LineChart.Line;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Goal;

/** How the memory was used and moved, and what is in it. */
final class MemoryBlocks {
  private static final String TOKENS = "training tokens seen";
  private static final String USED = "memory";
  private static final String MOVED = "memory_update";

  private static final List<Column> USE =
      List.of(
          new Column("used in any slot", "%", "memory.used_any", 0.01, 1, Goal.HIGHEST),
          new Column("used first", "%", "memory.used_top1", 0.01, 1, Goal.HIGHEST),
          new Column("never used", "entries", "memory.dead", 0, Goal.LOWEST),
          new Column("KL to uniform", "nats", "memory.kl_to_uniform", 3, Goal.LOWEST),
          new Column("entropy", "nats", "memory.entropy", 3, Goal.HIGHEST),
          new Column("Gini", "0–1", "memory.gini", 3, Goal.LOWEST),
          new Column("update coverage", "%", "memory.update_coverage", 0.01, 1, Goal.HIGHEST),
          new Column(
              "distinct tokens", "of an entry", "memory_update.distinct_tokens", 2, Goal.NONE));

  private MemoryBlocks() {}

  static List<Block> blocks(RunRecord record) {
    RecordedRun run = record.run();
    List<Block> blocks = new ArrayList<>();
    Table use = use(record.groups());
    if (use.columns().size() > 2) {
      blocks.add(Block.table(use));
      blocks.add(
          Block.hint("Counted over the last validation. Distinct tokens: of entries that moved."));
    }
    List<LineChart> charts = charts(run);
    if (!charts.isEmpty()) {
      blocks.add(Block.charts(charts));
    }
    if (!run.findings().memoryPages().isEmpty()) {
      blocks.add(Block.memoryPages(run.findings().memoryPages()));
    } else if (run.hasMemory()) {
      blocks.add(Block.missing("No entries are shown: findings.json has none."));
    }
    return blocks;
  }

  /** The use of the memory of each group that has one. */
  static Table use(List<RunGroup> groups) {
    return GroupTables.of(groups, group -> group.first().hasMemory(), USE);
  }

  private static List<LineChart> charts(RecordedRun run) {
    List<LineChart> charts = new ArrayList<>();
    LineChart use = new LineChart("Use of the entries", TOKENS, "% of the entries").yFromZero();
    addShare(use, run, 0, "any slot", "used_any");
    addShare(use, run, 1, "first slot", "used_top1");
    addShare(use, run, 2, "updated", "update_coverage");
    add(charts, use.format(value -> Numbers.fixed(value, 1)));
    add(charts, chart(run, "Evenness of use", "KL to uniform, nats", USED, "kl_to_uniform"));
    add(charts, chart(run, "Entries that an update changed", "", MOVED, "entries_changed"));
    add(charts, chart(run, "Distinct tokens of an entry", "", MOVED, "distinct_tokens"));
    return charts;
  }

  private static void add(List<LineChart> charts, LineChart chart) {
    if (!chart.isEmpty()) {
      charts.add(chart);
    }
  }

  private static void addShare(
      LineChart chart, RecordedRun run, int color, String name, String key) {
    Series series = run.metrics().series(USED, key).mapY(share -> 100 * share);
    if (series.size() > 0) {
      chart.add(new Line(name, name, color, series.thinned(240)).dotted());
    }
  }

  private static LineChart chart(
      RecordedRun run, String title, String yLabel, String event, String key) {
    DoubleFunction<String> format = Numbers::significant;
    Series series = run.metrics().series(event, key).thinned(240);
    return new LineChart(title, TOKENS, yLabel)
        .yFromZero()
        .format(format)
        .add(new Line(run.name(), run.name(), 0, series));
  }
}
