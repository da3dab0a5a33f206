// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.mneme.eval.record.Criterion.Outcome;
import org.mneme.eval.record.Criterion.Verdict;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Tile;
import org.mneme.eval.report.markup.Numbers;

/** The main numbers, and whether the goals were met. */
final class ResultSection {
  private ResultSection() {}

  static List<Block> blocks(RunRecord record) {
    List<Block> blocks = new ArrayList<>();
    List<Criterion> goals = Claims.goals(record.run());
    List<Outcome> outcomes =
        goals.stream()
            .map(goal -> goal.check(record.run()::measure, name -> OptionalDouble.empty()))
            .toList();
    blocks.add(Block.tiles(tiles(record, outcomes)));
    if (goals.isEmpty()) {
      blocks.add(Block.missing("No goals were stated (experiment.goals)."));
      return blocks;
    }
    Rows rows = new Rows(Rows.words("goal"), Rows.words("outcome"), Rows.numbers("measured", ""));
    for (int i = 0; i < goals.size(); i++) {
      Outcome outcome = outcomes.get(i);
      rows.add(goals.get(i).text(), word(outcome.verdict(), record.run()), outcome.number());
    }
    blocks.add(Block.table(rows.table()));
    return blocks;
  }

  private static String word(Verdict verdict, RecordedRun run) {
    return switch (verdict) {
      case MET -> "✓ met";
      case MISSED -> run.metrics().isFinished() ? "✗ missed" : "✗ not yet";
      case OPEN -> "○ open";
    };
  }

  private static List<Tile> tiles(RunRecord record, List<Outcome> outcomes) {
    RecordedRun run = record.run();
    List<Tile> tiles = new ArrayList<>();
    double loss = value(run, Measures.VALIDATION_LOSS);
    tiles.add(
        tile(
            "validation loss",
            Numbers.fixed(loss, 3),
            "nats",
            "perplexity " + Numbers.fixed(Math.exp(loss), 1) + unigram(run, loss)));
    if (run.hasMemory()) {
      tiles.add(
          tile(
              "knock-out",
              signed(value(run, Measures.KNOCK_OUT)),
              "nats",
              "loss with all reads zero, less the loss"));
    }
    if (!record.baselines().isEmpty()) {
      RunGroup other = record.baselines().get(0);
      double tokens = Math.min(record.group().tokens(), other.tokens());
      Spread own = record.group().lossAt(tokens);
      double difference = own.mean() - other.lossAt(tokens).mean();
      tiles.add(tile("against " + other.label(), signed(difference), "nats", "at equal tokens"));
    }
    tiles.add(
        tile("speed", Numbers.fixed(value(run, Measures.SPEED), 0), "tokens/s", "the median"));
    if (!outcomes.isEmpty()) {
      long met = outcomes.stream().filter(o -> o.verdict() == Verdict.MET).count();
      tiles.add(tile("goals met", met + " of " + outcomes.size(), "", ""));
    }
    return tiles;
  }

  /** How far the loss is from that of a model that knows frequencies only. */
  private static String unigram(RecordedRun run, double loss) {
    Double entropy = run.findings().unigramEntropy();
    if (entropy == null) {
      return "";
    }
    String side = loss > entropy ? " above unigram" : " below unigram";
    return " · " + Numbers.fixed(Math.abs(entropy - loss), 2) + side;
  }

  private static Tile tile(String label, String figure, String unit, String hint) {
    return new Tile(label, -1, figure, unit, "", hint);
  }

  private static String signed(double value) {
    return (value > 0 ? "+" : "") + Numbers.fixed(value, 3);
  }

  private static double value(RecordedRun run, String name) {
    return run.measure(name).orElse(Double.NaN);
  }
}
