// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.record.GroupTables.Column;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Samples;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Goal;

/** What models wrote, and what can be counted of it. */
final class GenerationBlocks {
  private static final String METRICS = "evaluation.generation.metrics.";

  private static final List<Column> COUNTED =
      List.of(
          new Column(
              "ended by itself", "% of texts", METRICS + "end_token_rate", 0.01, 1, Goal.NONE),
          new Column("mean length", "tokens", METRICS + "mean_length", 1, Goal.NONE),
          new Column("distinct-1", "", METRICS + "distinct1", 3, Goal.HIGHEST),
          new Column("distinct-2", "", METRICS + "distinct2", 3, Goal.HIGHEST),
          new Column("repetition", "%", METRICS + "repetition4", 0.01, 1, Goal.LOWEST),
          new Column("longest loop", "%", METRICS + "longest_loop", 0.01, 1, Goal.LOWEST),
          new Column("self-BLEU", "", METRICS + "self_bleu", 3, Goal.LOWEST));

  private GenerationBlocks() {}

  static List<Block> blocks(RunRecord record) {
    List<Block> blocks = new ArrayList<>();
    Table counted = counted(record.groups());
    if (counted.columns().size() > 2) {
      blocks.add(Block.table(counted));
    }
    List<Samples> runs = new ArrayList<>();
    for (RunGroup group : record.groups()) {
      RecordedRun run = group.holds(record.run()) ? record.run() : group.first();
      runs.add(new Samples(group.label(), run.samples()));
    }
    boolean any = runs.stream().anyMatch(run -> !run.samples().isEmpty());
    blocks.add(
        any
            ? Block.samples(runs)
            : Block.missing(
                "There are no samples: neither evaluation.json nor findings.json has any."));
    return blocks;
  }

  /** What can be counted of the texts of each group. */
  static Table counted(List<RunGroup> groups) {
    return GroupTables.of(groups, COUNTED);
  }
}
