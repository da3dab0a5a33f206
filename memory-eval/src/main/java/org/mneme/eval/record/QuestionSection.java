// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.mneme.eval.record.Claims.Claim;
import org.mneme.eval.record.Criterion.Outcome;
import org.mneme.eval.record.Criterion.Verdict;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Table;

/** What was asked and expected, and whether it turned out so. */
final class QuestionSection {
  private QuestionSection() {}

  static List<Block> blocks(RunRecord record) {
    List<Block> blocks = new ArrayList<>();
    String question = record.experiment("question");
    blocks.add(
        question.isEmpty()
            ? Block.missing("No question was stated (experiment.question).")
            : Block.paragraph(question));
    List<Claim> hypotheses = Claims.hypotheses(record.run());
    if (hypotheses.isEmpty()) {
      blocks.add(Block.missing("No hypotheses were stated (experiment.hypotheses)."));
      return blocks;
    }
    Rows rows = new Rows(Rows.words("hypothesis"), Rows.words("outcome"), Rows.words("because"));
    for (Claim claim : hypotheses) {
      List<Outcome> outcomes = claim.conditions().stream().map(record::check).toList();
      rows.add(claim.text(), outcome(outcomes, record.run()), because(claim, outcomes));
    }
    Table table = rows.table();
    blocks.add(Block.table(table));
    int seeds = Math.max(1, record.group().finished().size());
    if (seeds > 1) {
      blocks.add(Block.hint("Conditions are checked on the mean of " + seeds + " seeds."));
    }
    return blocks;
  }

  private static String outcome(List<Outcome> outcomes, RecordedRun run) {
    if (outcomes.stream().anyMatch(outcome -> outcome.verdict() == Verdict.MISSED)) {
      return run.metrics().isFinished() ? "✗ not confirmed" : "✗ not yet confirmed";
    }
    boolean decided =
        !outcomes.isEmpty() && outcomes.stream().allMatch(o -> o.verdict() == Verdict.MET);
    return decided ? "✓ confirmed" : "○ open";
  }

  private static String because(Claim claim, List<Outcome> outcomes) {
    if (!claim.fault().isEmpty()) {
      return "its condition '"
          + claim.fault()
          + "' cannot be read: expected NAME < NUMBER, or NAME < baseline + NUMBER";
    }
    List<Criterion> conditions = claim.conditions();
    if (conditions.isEmpty()) {
      return "it states no condition that can be checked";
    }
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      reasons.add(conditions.get(i).text() + ": " + outcomes.get(i).number());
    }
    return reasons.stream().collect(Collectors.joining("; "));
  }
}
