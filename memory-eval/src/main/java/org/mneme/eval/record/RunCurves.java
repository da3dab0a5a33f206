// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.chart.LineChart.Line;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;

/** How the training went, as curves over the tokens seen. */
final class RunCurves {
  private static final int POINTS = 240;

  /** So many validations still look like points. */
  private static final int DOTTED = 40;

  private static final String TOKENS = "training tokens seen";
  private static final String NATS = "nats per token";
  private static final String TRAIN = "train";

  private RunCurves() {}

  static List<Block> blocks(RunRecord record) {
    List<LineChart> charts = new ArrayList<>();
    Double unigram = record.run().findings().unigramEntropy();
    charts.add(
        validationLoss(record.groups())
            .reference("unigram entropy", unigram == null ? Double.NaN : unigram));
    charts.add(trainingLoss(record));
    add(charts, ofTraining(record, "Learning rate", "per step", "lr").format(Numbers::significant));
    add(
        charts,
        ofTraining(record, "Gradient norm", "before clipping", "grad_norm")
            .format(Numbers::significant));
    add(charts, speed(record));
    add(charts, balanceLoss(record));
    return List.of(
        Block.charts(charts),
        Block.hint(
            "Bold curves are moving averages over 4 % of the reports, faint ones the reports"
                + " themselves. A band is one standard deviation over seeds. The unigram entropy is"
                + " the loss of a model that knows how often each token occurs and nothing else."));
  }

  private static void add(List<LineChart> charts, LineChart chart) {
    if (!chart.isEmpty()) {
      charts.add(chart);
    }
  }

  /** The mean over seeds of each group, with its spread. */
  static LineChart validationLoss(List<RunGroup> groups) {
    return losses("Validation loss", TOKENS, groups, group -> 1);
  }

  /** The same over what was computed for it: equal cost instead of equal tokens. */
  static LineChart lossOverFlops(List<RunGroup> groups) {
    return losses(
        "Validation loss over computation",
        "FLOP of training",
        groups,
        group -> group.measure(Measures.FLOPS).mean());
  }

  private static LineChart losses(
      String title, String xLabel, List<RunGroup> groups, ToDoubleFunction<RunGroup> perToken) {
    LineChart chart =
        new LineChart(title, xLabel, NATS)
            .withoutHighBeginning()
            .format(value -> Numbers.fixed(value, 3));
    for (int i = 0; i < groups.size(); i++) {
      RunGroup group = groups.get(i);
      double scale = perToken.applyAsDouble(group);
      Series mean = scaled(group.meanLoss(), scale);
      Line line =
          new Line(group.label(), group.label(), i, mean)
              .within(scaled(group.lossWith(-1), scale), scaled(group.lossWith(1), scale));
      chart.add(mean.size() <= DOTTED ? line.dotted() : line);
    }
    return chart;
  }

  private static Series scaled(Series series, double factor) {
    return Double.isFinite(factor)
        ? series.thinned(POINTS).mapX(tokens -> tokens * factor)
        : Series.empty();
  }

  private static LineChart trainingLoss(RunRecord record) {
    LineChart chart = new LineChart("Training loss", TOKENS, NATS).withoutHighBeginning();
    List<RunGroup> groups = record.groups();
    for (int i = 0; i < groups.size(); i++) {
      Series loss = run(record, i).metrics().series(TRAIN, "ce");
      chart.add(smooth(groups.get(i).label(), i, loss).over(loss.thinned(POINTS)));
    }
    return chart;
  }

  private static LineChart ofTraining(RunRecord record, String title, String yLabel, String key) {
    Series series = record.run().metrics().series(TRAIN, key);
    return new LineChart(title, TOKENS, yLabel)
        .yFromZero()
        .add(smooth(record.group().label(), 0, series).over(series.thinned(POINTS)));
  }

  private static LineChart speed(RunRecord record) {
    DoubleFunction<String> whole = value -> Numbers.fixed(value, 0);
    LineChart chart =
        new LineChart("Training speed", TOKENS, "tokens per second").yFromZero().format(whole);
    for (int i = 0; i < record.groups().size(); i++) {
      Series speed = run(record, i).metrics().series(TRAIN, "tokens_per_second");
      chart.add(smooth(record.groups().get(i).label(), i, speed));
    }
    return chart;
  }

  private static LineChart balanceLoss(RunRecord record) {
    Series balance = record.run().metrics().series(TRAIN, "balance_loss");
    boolean any = Arrays.stream(balance.y()).anyMatch(value -> value > 0);
    LineChart chart =
        new LineChart("Balance loss", TOKENS, "with its coefficient").format(Numbers::significant);
    return any ? chart.add(smooth(record.group().label(), 0, balance)) : chart;
  }

  /** The run itself, or the first of a baseline. */
  private static RecordedRun run(RunRecord record, int group) {
    return group == 0 ? record.run() : record.groups().get(group).first();
  }

  private static Line smooth(String label, int color, Series series) {
    return new Line(label, label, color, series.smoothed(series.size() / 50).thinned(POINTS));
  }
}
