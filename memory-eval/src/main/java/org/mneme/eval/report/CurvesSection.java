// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.List;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.markup.Numbers;

/** The curves of all runs: losses over tokens, speed, and perplexity over time. */
final class CurvesSection {
  private static final int POINTS = 240;
  private static final String TOKENS = "training tokens seen";
  private static final String NATS = "nats per token";
  private static final String UNIGRAM = "unigram entropy";

  private CurvesSection() {}

  static List<LineChart> charts(Report report) {
    return List.of(
        validationLoss(report), trainLoss(report), perplexityOverTime(report), speed(report));
  }

  private static LineChart validationLoss(Report report) {
    LineChart chart = new LineChart("Validation loss", TOKENS, NATS).withoutHighBeginning();
    each(report, (run, i) -> chart.add(dotted(run, i, run.validationLoss().thinned(POINTS))));
    return chart.reference(UNIGRAM, report.unigramEntropy());
  }

  private static LineChart trainLoss(Report report) {
    LineChart chart = new LineChart("Training loss", TOKENS, NATS).withoutHighBeginning();
    each(
        report,
        (run, i) -> {
          Series loss = run.trainLoss();
          Series smooth = loss.smoothed(loss.size() / 50).thinned(POINTS);
          chart.add(line(run, i, smooth).over(loss.thinned(POINTS)));
        });
    return chart.reference(UNIGRAM, report.unigramEntropy());
  }

  /** Equal tokens favour the slow; this one favours the fast. */
  private static LineChart perplexityOverTime(Report report) {
    LineChart chart =
        new LineChart("Validation perplexity over time", "minutes of training", "perplexity")
            .logarithmicY()
            .format(value -> Numbers.fixed(value, value < 100 ? 1 : 0));
    each(
        report,
        (run, i) -> {
          double minutesPerToken = run.trainSeconds() / 60 / run.trainTokens();
          Series series =
              run.validationLoss()
                  .thinned(POINTS)
                  .mapX(tokens -> tokens * minutesPerToken)
                  .mapY(Math::exp);
          chart.add(dotted(run, i, series));
        });
    return chart.reference("unigram", Math.exp(report.unigramEntropy()));
  }

  private static LineChart speed(Report report) {
    LineChart chart =
        new LineChart("Training speed", TOKENS, "tokens per second")
            .yFromZero()
            .format(value -> Numbers.fixed(value, 0));
    each(
        report,
        (run, i) -> {
          Series speed = run.tokensPerSecond();
          Series smooth = speed.smoothed(speed.size() / 50).thinned(POINTS);
          chart.add(line(run, i, smooth));
        });
    return chart;
  }

  private static LineChart.Line dotted(RunSummary run, int color, Series series) {
    return line(run, color, series).dotted();
  }

  private static LineChart.Line line(RunSummary run, int color, Series series) {
    return new LineChart.Line(run.name(), run.label(), color, series);
  }

  private static void each(Report report, RunConsumer consumer) {
    List<RunSummary> runs = report.runs();
    for (int i = 0; i < runs.size(); i++) {
      consumer.accept(runs.get(i), i);
    }
  }

  @FunctionalInterface
  private interface RunConsumer {
    void accept(RunSummary run, int index);
  }
}
