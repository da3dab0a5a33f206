// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.mneme.compute.UserException;

/**
 * Appends what it hears to a file: one JSON object a line, its {@code event} first, keys in snake
 * case. Every line is in the file as soon as the event is over.
 */
public final class MetricsWriter extends NamedEvents implements AutoCloseable {
  private final Path file;
  private final BufferedWriter writer;

  /**
   * Opens the file at its end, or makes it.
   *
   * @throws UserException if it cannot be opened
   */
  public MetricsWriter(Path file) {
    this.file = file;
    try {
      this.writer =
          Files.newBufferedWriter(
              file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be opened: " + e, e);
    }
  }

  @Override
  protected void heard(String event, ObjectNode report) {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("event", event);
    line.setAll(report);
    try {
      writer.write(line.toString());
      writer.newLine();
      writer.flush();
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written: " + e, e);
    }
  }

  /**
   * Writes an event of any kind.
   *
   * @param event its name
   * @param fields an object whose properties become the keys
   * @throws UserException if the file cannot be written
   */
  public void write(String event, Object fields) {
    heard(event, tree(fields));
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UserException(file + ": cannot be closed: " + e, e);
    }
  }
}
