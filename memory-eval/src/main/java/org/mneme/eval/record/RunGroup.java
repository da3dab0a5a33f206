// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.mneme.eval.report.chart.Series;

/**
 * Runs of one configuration that differ in their seed only.
 *
 * @param label a name that no other group has
 * @param runs one for each seed, at least one; of several with one seed and equal results that
 *     which went furthest
 */
public record RunGroup(String label, List<RecordedRun> runs) {
  /** What changes no training: where things are kept, and how often they are told or saved. */
  static final List<String> ASIDE =
      List.of(
          "train.seed",
          "train.alarms",
          "train.log_interval",
          "train.eval_at_start",
          "train.save_interval",
          "train.keep_last",
          "train.keep_best",
          "data.shards");

  /** Copies the list. */
  public RunGroup {
    runs = List.copyOf(runs);
  }

  /**
   * Puts runs together that differ in their seed only: not in configuration, data or code, as far
   * as their folders record it. Groups are in the order of their first run.
   */
  public static List<RunGroup> of(List<RecordedRun> runs) {
    return new RunGrouping(runs).groups();
  }

  /** The first of its runs. */
  public RecordedRun first() {
    return runs.get(0);
  }

  /** The runs that did all their steps. */
  public List<RecordedRun> finished() {
    return runs.stream().filter(run -> run.metrics().isFinished()).toList();
  }

  /** Whether one of its runs is in that folder. */
  boolean holds(RecordedRun run) {
    return runs.stream().anyMatch(other -> other.folder().equals(run.folder()));
  }

  /** A number over all runs that did all their steps; of the first one if none did. */
  public Spread measure(String name) {
    return spread(
        run -> {
          OptionalDouble value = run.measure(name);
          return value.isPresent() ? value.getAsDouble() : Double.NaN;
        });
  }

  /** The validation loss after so many training tokens. */
  public Spread lossAt(double tokens) {
    return spread(run -> run.validationLoss().at(tokens));
  }

  private Spread spread(ToDoubleFunction<RecordedRun> value) {
    List<RecordedRun> counted = finished().isEmpty() ? List.of(first()) : finished();
    return Spread.of(counted.stream().mapToDouble(value));
  }

  /** The difference to another group, run by run of one seed, after so many training tokens. */
  public Spread pairedDifference(RunGroup other, double tokens) {
    return Spread.of(
        finished().stream()
            .mapToDouble(
                run ->
                    run.validationLoss().at(tokens)
                        - other.finished().stream()
                            .filter(o -> o.seed().isPresent() && o.seed().equals(run.seed()))
                            .mapToDouble(o -> o.validationLoss().at(tokens))
                            .findFirst()
                            .orElse(Double.NaN)));
  }

  /** The mean validation loss over the training tokens, at the places of the first run. */
  Series meanLoss() {
    return lossCurve(Spread::mean);
  }

  /** The mean validation loss and so many standard deviations; empty for one run. */
  Series lossWith(double deviations) {
    return finished().size() < 2
        ? Series.empty()
        : lossCurve(spread -> spread.mean() + deviations * spread.deviation());
  }

  private Series lossCurve(ToDoubleFunction<Spread> value) {
    double[] places = (finished().isEmpty() ? first() : finished().get(0)).validationLoss().x();
    double[] losses = new double[places.length];
    for (int i = 0; i < places.length; i++) {
      losses[i] = value.applyAsDouble(lossAt(places[i]));
    }
    return new Series(places, losses);
  }

  /**
   * The training tokens that all its finished runs have seen; of the first one if none finished.
   */
  double tokens() {
    List<RecordedRun> counted = finished().isEmpty() ? List.of(first()) : finished();
    return counted.stream().mapToDouble(run -> lastPlace(run.validationLoss())).min().orElse(0);
  }

  private static double lastPlace(Series series) {
    double[] x = series.x();
    return x.length == 0 ? 0 : x[x.length - 1];
  }
}
