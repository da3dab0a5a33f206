// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.record.GroupTables.Column;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Goal;

/** What a model recalls, and what is lost when the reads from its memory are zero. */
final class FactsBlocks {
  private static final String FACTS = "evaluation.facts.";

  private static final List<Column> KNOCK_OUT =
      List.of(
          new Column("loss", "nats", Measures.LOSS, 3, Goal.LOWEST),
          new Column("loss without reads", "nats", Measures.LOSS_WITHOUT_READS, 3, Goal.NONE),
          new Column("reads contribute", "nats", Measures.KNOCK_OUT, 3, Goal.HIGHEST));

  private FactsBlocks() {}

  static List<Block> blocks(List<RunGroup> groups) {
    List<Block> blocks = new ArrayList<>();
    Table knockOut = GroupTables.of(groups, KNOCK_OUT);
    if (knockOut.columns().size() > 2) {
      blocks.add(Block.table(knockOut));
    }
    addFacts(blocks, "Asked in words of the training text", groups, "train");
    addFacts(blocks, "Asked in other words", groups, "held_out");
    if (blocks.isEmpty()) {
      blocks.add(Block.missing("Neither facts nor the knock-out were measured (evaluation.json)."));
    }
    return blocks;
  }

  private static void addFacts(
      List<Block> blocks, String heading, List<RunGroup> groups, String phrasing) {
    String with = FACTS + "phrasings." + phrasing + ".";
    String without = FACTS + "without_reads." + phrasing + ".";
    Table table =
        GroupTables.of(
            groups,
            List.of(
                new Column("exact recall", "%", with + "exact_recall", 0.01, 1, Goal.HIGHEST),
                new Column("without reads", "%", without + "exact_recall", 0.01, 1, Goal.NONE),
                new Column("mean rank", "1 is best", with + "mean_rank", 1, Goal.LOWEST),
                new Column("ranked first", "%", with + "ranked_first", 0.01, 1, Goal.HIGHEST),
                new Column("known", "bits", with + "bits", 0, Goal.HIGHEST),
                new Column("without reads", "bits", without + "bits", 0, Goal.NONE),
                new Column("to be known", "bits", with + "possible_bits", 0, Goal.NONE),
                new Column(
                    "capacity", "bits a parameter", with + "bits_per_parameter", 3, Goal.HIGHEST)));
    if (table.columns().size() > 2) {
      blocks.add(Block.heading(heading));
      blocks.add(Block.table(table));
    }
  }
}
