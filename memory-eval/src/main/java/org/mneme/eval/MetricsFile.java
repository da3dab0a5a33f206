// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Reader of {@code metrics.jsonl}, the events of a training. A process that is killed leaves a
 * half-written line, a crash of the machine a hole of NUL bytes: neither is a reason to discard the
 * other lines, so lines that are not events are counted and skipped.
 */
public final class MetricsFile {
  /** Far longer than any event; a longer line is skipped without being kept in memory. */
  private static final int LONGEST_LINE = 1 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Consumer<ObjectNode> events;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean tooLong;
  private int skipped;

  private MetricsFile(Consumer<ObjectNode> events) {
    this.events = events;
  }

  /**
   * Reads all events of a file, in their order.
   *
   * @param events receives each event, a JSON object with a text under "event"
   * @return the number of lines that were skipped; blank lines are not counted
   * @throws IOException if the file cannot be read
   */
  public static int read(Path file, Consumer<ObjectNode> events) throws IOException {
    MetricsFile reader = new MetricsFile(events);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        reader.take(next);
      }
    }
    reader.endLine();
    return reader.skipped;
  }

  private void take(int next) {
    if (next == '\n') {
      endLine();
    } else if (line.size() < LONGEST_LINE) {
      line.write(next);
    } else {
      tooLong = true;
    }
  }

  private void endLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    // What follows a hole is an event of its own: the writer went on after the crash.
    String rest = text.substring(text.lastIndexOf('\0') + 1);
    boolean event = !tooLong && !rest.isBlank() && isEvent(rest);
    if (tooLong || rest.length() < text.length() || !(rest.isBlank() || event)) {
      skipped++;
    }
    line.reset();
    tooLong = false;
  }

  private boolean isEvent(String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode event
          && event.path("event").isTextual()
          && !event.path("event").textValue().isEmpty()) {
        events.accept(event);
        return true;
      }
    } catch (JsonProcessingException e) {
      return false;
    }
    return false;
  }
}
