// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mneme.eval.MetricsFile;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.markup.Numbers;

/** What a training told while it ran: the events of {@code metrics.jsonl} by kind. */
public final class MetricsLog {
  private static final int MOST_MESSAGES = 200;
  private static final String START = "start";
  private static final String TRAIN = "train";

  private final Map<String, EventTable> events = new LinkedHashMap<>();
  private final List<JsonNode> starts = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();
  private int unreadable;

  /**
   * Something that was told in words.
   *
   * @param event kind of the event
   * @param step after which it was; NaN if it does not tell
   * @param text what was told
   */
  public record Message(String event, double step, String text) {}

  private MetricsLog() {}

  /** A log without events. */
  public static MetricsLog empty() {
    return new MetricsLog();
  }

  /**
   * Reads a file. Lines that are not events, such as the half-written last one of a run in
   * progress, are counted and skipped.
   *
   * @throws IOException if it cannot be read
   */
  public static MetricsLog read(Path file) throws IOException {
    MetricsLog log = new MetricsLog();
    log.unreadable = MetricsFile.read(file, log::add);
    return log;
  }

  private void add(ObjectNode event) {
    String kind = event.path("event").asText();
    if (kind.equals(START)) {
      starts.add(event);
    } else {
      events.computeIfAbsent(kind, k -> new EventTable()).add(event);
      message(kind, event);
    }
  }

  /** What an event says for people, if it does; else all its words and, behind them, numbers. */
  private void message(String kind, JsonNode event) {
    List<String> words = new ArrayList<>();
    List<String> numbers = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : event.properties()) {
      String key = field.getKey();
      JsonNode value = field.getValue();
      if (value.isTextual() && !key.equals("event")) {
        words.add(value.textValue());
      } else if (value.isValueNode() && !key.equals("event") && !key.equals("step")) {
        String shown = value.isNumber() ? Numbers.significant(value.doubleValue()) : value.asText();
        numbers.add(key.replace('_', ' ') + " " + shown);
      }
    }
    if (words.isEmpty() || messages.size() >= MOST_MESSAGES) {
      return;
    }
    String said = event.path("message").asText();
    words.addAll(numbers);
    double step = event.path("step").asDouble(Double.NaN);
    messages.add(new Message(kind, step, said.isEmpty() ? String.join(", ", words) : said));
  }

  /** Lines that could not be read. */
  public int unreadable() {
    return unreadable;
  }

  /** The kinds of events that there are. */
  public Set<String> kinds() {
    return Collections.unmodifiableSet(events.keySet());
  }

  /** The numbers that events of a kind tell. */
  public Set<String> keys(String event) {
    EventTable table = events.get(event);
    return table == null ? Set.of() : Collections.unmodifiableSet(table.keys());
  }

  /** What was told in words, the first {@value #MOST_MESSAGES} of it. */
  public List<Message> messages() {
    return Collections.unmodifiableList(messages);
  }

  /** Optimiser steps that the training is to do; 0 if it did not begin. */
  public long plannedSteps() {
    return starts.isEmpty() ? 0 : starts.get(starts.size() - 1).path("steps").asLong();
  }

  /** Positions of a step; 0 if that is not known. */
  public double tokensPerStep() {
    if (!starts.isEmpty()) {
      return starts.get(starts.size() - 1).path("tokens_per_step").asDouble();
    }
    double tokens = last(TRAIN, "tokens");
    double step = last(TRAIN, "step");
    return step > 0 && tokens > 0 ? tokens / step : 0;
  }

  /** Trainable values of the model; 0 if that is not known. */
  public long parameters() {
    return starts.isEmpty() ? 0 : starts.get(starts.size() - 1).path("parameters").asLong();
  }

  /** The steps after which the training was taken up again. */
  public List<Long> resumedAfter() {
    List<Long> resumed = new ArrayList<>();
    for (int i = 1; i < starts.size(); i++) {
      resumed.add(starts.get(i).path("step").asLong());
    }
    return resumed;
  }

  /** The last step that was reported. */
  public long lastStep() {
    double last = 0;
    for (String kind : List.of(TRAIN, "validation")) {
      double step = last(kind, "step");
      last = Double.isFinite(step) ? Math.max(last, step) : last;
    }
    return (long) last;
  }

  /** The tokens seen up to the last step that was reported. */
  public double tokens() {
    return lastStep() * tokensPerStep();
  }

  /** Whether all steps were done. */
  public boolean isFinished() {
    return plannedSteps() > 0 && lastStep() >= plannedSteps();
  }

  /**
   * A number of a kind of event over the training tokens seen, or over steps if those are unknown.
   */
  public Series series(String event, String key) {
    EventTable table = events.get(event);
    if (table == null || !table.keys().contains(key)) {
      return Series.empty();
    }
    double perStep = tokensPerStep() > 0 ? tokensPerStep() : 1;
    double[] places = Arrays.stream(table.steps()).map(step -> step * perStep).toArray();
    return new Series(places, table.values(key));
  }

  /** The last value of a number of a kind of event; NaN if there is none. */
  public double last(String event, String key) {
    EventTable table = events.get(event);
    return table == null ? Double.NaN : new Series(table.steps(), table.values(key)).last();
  }
}
