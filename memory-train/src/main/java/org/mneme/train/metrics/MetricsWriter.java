// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
public final class MetricsWriter implements TrainingListener, AutoCloseable {
  private final JsonMapper mapper =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

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
  public void started(TrainingStart start) {
    write("start", start);
  }

  @Override
  public void reported(TrainReport report) {
    write("train", report);
  }

  @Override
  public void validated(ValidationReport report) {
    write("validation", report);
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    write("memory", report);
  }

  @Override
  public void memoryMoved(MemoryMoveReport report) {
    write("memory_update", report);
  }

  /**
   * Writes an event of any kind.
   *
   * @param event its name
   * @param fields an object whose properties become the keys
   * @throws UserException if the file cannot be written
   */
  public void write(String event, Object fields) {
    ObjectNode line = mapper.createObjectNode().put("event", event);
    line.setAll((ObjectNode) mapper.valueToTree(fields));
    try {
      writer.write(mapper.writeValueAsString(line));
      writer.newLine();
      writer.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(event + " cannot be written as JSON: " + fields, e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written: " + e, e);
    }
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
