// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;

/** How far the training is, how long it took, and what happened on the way. */
final class ProgressSection {
  private ProgressSection() {}

  /** How far a run is, in a few words. */
  static String state(RecordedRun run) {
    MetricsLog metrics = run.metrics();
    if (metrics.plannedSteps() == 0) {
      return "not begun";
    }
    String steps = Numbers.whole(metrics.lastStep());
    return metrics.isFinished()
        ? "finished, " + steps + " steps"
        : "not finished: " + steps + " of " + Numbers.whole(metrics.plannedSteps()) + " steps";
  }

  static List<Block> blocks(RecordedRun run) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(Block.definitions(values(run)));
    List<MetricsLog.Message> messages = run.metrics().messages();
    if (!messages.isEmpty()) {
      Rows rows = new Rows(Rows.words("event"), Rows.numbers("step", ""), Rows.words("what"));
      messages.forEach(m -> rows.add(m.event(), Numbers.fixed(m.step(), 0), m.text()));
      blocks.add(Block.table(rows.table()));
    }
    blocks.addAll(ResourceBlocks.blocks(run));
    return blocks;
  }

  private static Map<String, String> values(RecordedRun run) {
    MetricsLog metrics = run.metrics();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("state", state(run));
    values.put("training tokens", Numbers.count(metrics.tokens()));
    values.put("time", duration(metrics.last("train", "elapsed_seconds")));
    values.put(
        "speed", Numbers.fixed(run.measure(Measures.SPEED).orElse(Double.NaN), 0) + " tokens/s");
    if (metrics.parameters() > 0) {
      values.put("trainable parameters", Numbers.whole(metrics.parameters()));
    }
    values.put(
        "training cost",
        Numbers.amount(run.modelFlops() * metrics.tokens(), "FLOP in matrix products"));
    List<Long> resumed = metrics.resumedAfter();
    values.put(
        "interruptions",
        resumed.isEmpty()
            ? "none"
            : resumed.size()
                + "; taken up again after step "
                + resumed.stream().map(Numbers::whole).collect(Collectors.joining(", ")));
    return values;
  }

  private static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return Numbers.fixed(seconds, 0);
    }
    if (seconds < 120) {
      return Numbers.fixed(seconds, 0) + " s";
    }
    return seconds < 7200
        ? Numbers.fixed(seconds / 60, 1) + " min"
        : Numbers.fixed(seconds / 3600, 1) + " h";
  }
}
