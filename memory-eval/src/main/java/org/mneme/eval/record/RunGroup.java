// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.mneme.eval.report.chart.Series;

/**
 * Runs of one configuration that differ in their seed only.
 *
 * @param label a name that no other group has
 * @param runs one for each seed, at least one; of several with one seed that which went furthest
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
   * Puts runs together that differ in their seed only; groups stand in the order of their first.
   */
  public static List<RunGroup> of(List<RecordedRun> runs) {
    Map<JsonNode, List<RecordedRun>> byConfig = new LinkedHashMap<>();
    for (RecordedRun run : runs) {
      add(byConfig.computeIfAbsent(key(run), key -> new ArrayList<>()), run);
    }
    return GroupLabels.of(List.copyOf(byConfig.values()));
  }

  /** Equal seed and configuration give equal bits: a second such run says nothing new. */
  private static void add(List<RecordedRun> group, RecordedRun run) {
    OptionalLong seed = run.seed();
    for (int i = 0; i < group.size(); i++) {
      if (seed.isPresent() && group.get(i).seed().equals(seed)) {
        if (group.get(i).metrics().lastStep() < run.metrics().lastStep()) {
          group.set(i, run);
        }
        return;
      }
    }
    group.add(run);
  }

  /** What must be equal. A run without a configuration is a group of its own. */
  private static JsonNode key(RecordedRun run) {
    ObjectNode key = JsonNodeFactory.instance.objectNode();
    for (String part : List.of("model", "train", "data")) {
      if (run.config().get(part) instanceof ObjectNode section) {
        key.set(part, section.deepCopy());
      }
    }
    if (key.isEmpty()) {
      return key.put("folder", run.folder().toString());
    }
    for (String path : ASIDE) {
      int dot = path.indexOf('.');
      if (key.get(path.substring(0, dot)) instanceof ObjectNode section) {
        section.remove(path.substring(dot + 1));
      }
    }
    return key;
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
