// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.chart.LineChart.Line;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;

/** What a training took: memory over time, and where its time went. */
final class ResourceBlocks {
  private static final double GIB = 1L << 30;
  private static final int OPERATIONS = 12;
  private static final String RESOURCES = "resources";
  private static final String PROFILE = "profile";
  private static final String OPERATION = "operations.";

  private ResourceBlocks() {}

  static List<Block> blocks(RecordedRun run) {
    List<Block> blocks = new ArrayList<>();
    LineChart memory =
        new LineChart("Memory in use", "training tokens seen", "GiB")
            .yFromZero()
            .format(Numbers::significant);
    add(memory, run, 0, "device", "device_allocated");
    add(memory, run, 1, "reserved", "device_reserved");
    add(memory, run, 2, "heap", "heap_used");
    add(memory, run, 3, "process", "resident");
    if (!memory.isEmpty()) {
      blocks.add(Block.charts(List.of(memory)));
    }
    Map<String, Double> operations = operations(run.metrics());
    if (!operations.isEmpty()) {
      blocks.add(Block.heading("Where the time of the last profiled steps went"));
      blocks.add(Block.table(table(operations)));
    }
    return blocks;
  }

  private static void add(LineChart chart, RecordedRun run, int color, String name, String key) {
    Series bytes = run.metrics().series(RESOURCES, key);
    if (bytes.size() > 0) {
      chart.add(new Line(name, name, color, bytes.mapY(value -> value / GIB).thinned(240)));
    }
  }

  /** Seconds by operation. */
  private static Map<String, Double> operations(MetricsLog metrics) {
    return metrics.keys(PROFILE).stream()
        .filter(key -> key.startsWith(OPERATION))
        .filter(key -> metrics.last(PROFILE, key) > 0)
        .collect(
            Collectors.toMap(
                key -> key.substring(OPERATION.length()), key -> metrics.last(PROFILE, key)));
  }

  private static Table table(Map<String, Double> operations) {
    double all = operations.values().stream().mapToDouble(seconds -> seconds).sum();
    Rows rows =
        new Rows(Rows.words("operation"), Rows.numbers("time", "ms"), Rows.numbers("share", "%"));
    operations.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(OPERATIONS)
        .forEach(
            time ->
                rows.add(
                    time.getKey(),
                    Numbers.fixed(1e3 * time.getValue(), 1),
                    Numbers.fixed(100 * time.getValue() / all, 1)));
    return rows.table();
  }
}
