// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.mneme.compute.UserException;

/**
 * Appends what it hears to a file: one JSON object a line, its {@code event} first, keys in snake
 * case. Every line is in the file as soon as the event is over; if the disk is full, as soon as
 * there is room. One process at a time writes to a file.
 */
public final class MetricsWriter extends NamedEvents implements AutoCloseable {
  private final LineFile lines;

  /**
   * Opens the file behind its last whole line, or makes it.
   *
   * @throws UserException if it cannot be opened, or another training writes to it
   */
  public MetricsWriter(Path file) {
    this.lines = new LineFile(file);
  }

  /** A training that goes on has its start in the file already. */
  @Override
  public void started(TrainingStart start) {
    if (!start.resumed()) {
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

  /**
   * Forgets all lines behind a length that {@link #sync} told.
   *
   * @throws UserException if the file is shorter
   */
  public void rewind(long bytes) {
    lines.rewind(bytes);
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
