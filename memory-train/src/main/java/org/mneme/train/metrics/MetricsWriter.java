// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends what it hears to a file: one JSON object a line, its {@code event} first, keys in snake
 * case. Every line is in the file as soon as the event is over; if the disk is full, as soon as
 * there is room. One process at a time writes to a file.
 */
public final class MetricsWriter extends NamedEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsWriter.class);

  private final LineFile lines;
  private boolean startIsLost;

  /**
   * Opens the file behind its last whole line, or makes it.
   *
   * @throws UserException if it cannot be opened, or another training writes to it
   */
  public MetricsWriter(Path file) {
    this.lines = new LineFile(file);
  }

  /** A training that is resumed has its start in the file already, unless that was lost. */
  @Override
  public void started(TrainingStart start) {
    if (!start.resumed() || startIsLost) {
      super.started(start);
    }
  }

  @Override
  protected void heard(String event, ObjectNode report) {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("event", event);
    line.setAll(report);
    lines.append(line.toString());
  }

  /**
   * Writes an event of any kind.
   *
   * @param event its name
   * @param fields an object whose properties become the keys
   */
  public void write(String event, Object fields) {
    heard(event, tree(fields));
  }

  /** Bytes of the lines that are in the file. */
  public long length() {
    return lines.length();
  }

  /** Brings all lines to the disk and tells how many bytes they are. */
  public long sync() throws IOException {
    return lines.sync();
  }

  /** Forgets all lines: those of a training that was never saved. */
  public void clear() {
    lines.rewind(0);
  }

  /**
   * Goes back to where the file was when a training was saved. If it was deleted, shortened or
   * damaged since, the lines that are left are kept, what is missing is logged and written as an
   * event {@code metrics_damaged}, and the damaged file is kept under another name: a checkpoint
   * that is intact can always be resumed.
   *
   * @param bytes that {@link #sync} has returned
   * @param reported what the training has written by then
   * @throws UserException if the file cannot be written
   */
  public void rewind(long bytes, ReportedSteps reported) {
    try {
      if (lines.holds(bytes)) {
        lines.rewind(bytes);
      } else {
        repair(bytes, reported);
      }
    } catch (IOException e) {
      throw FileFault.cannotBe(lines.path(), "repaired", e);
    }
  }

  private void repair(long bytes, ReportedSteps reported) throws IOException {
    long step = reported.step();
    List<String> left = MetricsLines.upTo(step, lines.path());
    List<JsonNode> events =
        left.stream().map(MetricsLines::event).flatMap(Optional::stream).toList();
    String missing = reported.missing(events);
    Path damaged = lines.replace(left);
    startIsLost = left.stream().noneMatch(line -> line.contains("\"event\":\"start\""));
    LOG.warn(
        "{}: expected {} bytes of lines up to step {}, got a file that was deleted, shortened or"
            + " damaged: the {} whole lines are kept. Missing are {}{}",
        lines.path(),
        bytes,
        step,
        left.size(),
        missing.isEmpty() ? "lines other than reports and validations" : missing,
        damaged.equals(lines.path()) ? "" : ". The damaged file is kept as " + damaged);
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    heard(
        "metrics_damaged",
        event.put("step", step).put("lines_kept", left.size()).put("missing", missing));
  }

  /**
   * Closes the file.
   *
   * @throws UserException if lines are left that cannot be written
   */
  @Override
  public void close() {
    lines.close();
  }
}
