// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Document;
import org.mneme.eval.report.document.Document.Section;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Goal;

/**
 * Many runs side by side, those that differ in their seed only as one: loss at equal tokens and at
 * equal computation, knock-out, facts, use of the memory, speed.
 */
public final class RunComparison {
  private final String title;
  private final List<RunGroup> groups;
  private final List<String> notes;

  /**
   * A comparison.
   *
   * @param title its heading
   * @param runs the runs, in the order in which their groups are shown
   */
  public RunComparison(String title, List<RecordedRun> runs) {
    this.title = title;
    RunGrouping grouping = new RunGrouping(runs);
    this.groups = grouping.groups();
    this.notes = grouping.notes();
  }

  /** The runs, those of one configuration together. */
  public List<RunGroup> groups() {
    return groups;
  }

  /** A row of results for each group: loss, what the memory contributes, facts, speed and cost. */
  public Table results() {
    return GroupTables.results(groups);
  }

  /** The comparison as a document. */
  public Document document() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("systems", "Systems", systems()));
    sections.add(new Section("equal", "At equal tokens and at equal computation", equal()));
    sections.add(new Section("curves", "Curves", curves()));
    sections.add(new Section("facts", "Facts and knock-out", FactsBlocks.blocks(groups)));
    add(sections, "memory", "Use of the memory", MemoryBlocks.use(groups), 2);
    add(sections, "text", "Generated text", GenerationBlocks.counted(groups), 2);
    add(sections, "settings", "Settings that differ", SettingsSection.differences(groups), 0);
    sections.add(new Section("runs", "Runs", List.of(Block.table(runs()))));
    int count = groups.stream().mapToInt(group -> group.runs().size()).sum();
    String subtitle = groups.size() + " configurations, " + count + " runs";
    return new Document(title, subtitle, List.of(), sections);
  }

  private static void add(
      List<Section> sections, String id, String title, Table table, int leastColumns) {
    if (table.columns().size() > leastColumns && !table.rows().isEmpty()) {
      sections.add(new Section(id, title, List.of(Block.table(table))));
    }
  }

  private List<Block> systems() {
    List<Block> blocks = new ArrayList<>(List.of(Block.table(results())));
    notes.forEach(note -> blocks.add(Block.missing(note)));
    blocks.add(
        Block.hint(
            "Each number is the mean over the seeds that did all their steps, ± the standard"
                + " deviation over them; the best mean of a column is marked. Knock-out is what"
                + " the loss gains when every read from the memory is zero. Training cost is three"
                + " times the matrix products of a prediction; moving entries by EMA is not"
                + " counted."));
    return blocks;
  }

  /** The system that others are compared with: the first without a memory, else the first. */
  private RunGroup reference() {
    return groups.stream()
        .filter(group -> !group.first().hasMemory())
        .findFirst()
        .orElse(groups.get(0));
  }

  /** Those with a run that did all its steps; all of them if there is none. */
  private List<RunGroup> ended() {
    List<RunGroup> ended = groups.stream().filter(group -> !group.finished().isEmpty()).toList();
    return ended.isEmpty() ? groups : ended;
  }

  private List<Block> equal() {
    double tokens = ended().stream().mapToDouble(RunGroup::tokens).min().orElse(0);
    double flops =
        ended().stream()
            .mapToDouble(group -> group.tokens() * flops(group))
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
    String difference = "to " + reference().label();
    Rows rows =
        new Rows(
            Rows.words("system"),
            Rows.numbers("seeds", ""),
            Table.Column.numbers("loss at equal tokens", "nats", Goal.LOWEST),
            Rows.numbers(difference, "nats"),
            Table.Column.numbers("loss at equal computation", "nats", Goal.LOWEST),
            Rows.numbers("after", "tokens"),
            Rows.numbers(difference, "nats"));
    for (int i = 0; i < groups.size(); i++) {
      RunGroup group = groups.get(i);
      double paid = flops / flops(group);
      Spread same = group.lossAt(tokens);
      Spread equal = group.lossAt(paid);
      rows.add(
          group,
          i,
          List.of(
              Cell.of(group.label()),
              GroupTables.seeds(group),
              new Cell(same.text(3), same.mean()),
              Cell.of(difference(group, tokens, tokens)),
              new Cell(equal.text(3), equal.mean()),
              Cell.of(Numbers.count(paid)),
              Cell.of(difference(group, paid, flops / flops(reference())))));
    }
    return List.of(
        Block.table(rows.table()),
        Block.hint(
            "Equal tokens are "
                + Numbers.count(tokens)
                + ", equal computation is "
                + Numbers.amount(flops, "FLOP")
                + ": the most that all of them have. Losses are read from the curves of"
                + " validation. Where a schedule of the learning rate had not ended there, the"
                + " loss is above that of a training which ends there."));
  }

  private String difference(RunGroup group, double tokens, double tokensOfReference) {
    if (group.equals(reference())) {
      return Numbers.NONE;
    }
    double own = group.lossAt(tokens).mean();
    double other = reference().lossAt(tokensOfReference).mean();
    return new Spread(own - other, Double.NaN, 1).signed(3);
  }

  private static double flops(RunGroup group) {
    return group.measure(Measures.FLOPS).mean();
  }

  private List<Block> curves() {
    List<LineChart> charts = new ArrayList<>();
    charts.add(RunCurves.validationLoss(groups));
    charts.add(RunCurves.lossOverFlops(groups));
    return List.of(
        Block.charts(charts), Block.hint("A band is one standard deviation over seeds."));
  }

  private Table runs() {
    Rows rows =
        new Rows(
            Rows.words("system"),
            Rows.words("run"),
            Rows.numbers("seed", ""),
            Rows.numbers("validation loss", "nats"),
            Rows.words("state"));
    for (int i = 0; i < groups.size(); i++) {
      for (RecordedRun run : groups.get(i).runs()) {
        Path name = run.folder().getFileName();
        double loss = run.measure(Measures.VALIDATION_LOSS).orElse(Double.NaN);
        rows.add(
            i,
            List.of(
                Cell.of(groups.get(i).label()),
                Cell.of(name == null ? run.name() : name.toString()),
                Cell.of(run.seed().isPresent() ? "" + run.seed().getAsLong() : Numbers.NONE),
                Cell.of(Numbers.fixed(loss, 3)),
                Cell.of(ProgressSection.state(run))));
      }
    }
    return rows.table();
  }
}
