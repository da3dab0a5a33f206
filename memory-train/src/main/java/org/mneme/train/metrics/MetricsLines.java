// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what is left of a damaged file of metrics. */
final class MetricsLines {
  /** Longer files are not checked line by line: no run writes that much. */
  private static final long MOST_BYTES = 1L << 29;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private MetricsLines() {}

  /** Returns whether the first bytes of a file are lines, each of which is an event. */
  static boolean areWhole(Path file, long bytes) throws IOException {
    if (bytes == 0 || bytes > MOST_BYTES) {
      return true;
    }
    byte[] content = Files.readAllBytes(file);
    if (content.length < bytes || content[(int) bytes - 1] != '\n') {
      return false;
    }
    String text = new String(content, 0, (int) bytes, StandardCharsets.UTF_8);
    return text.lines().allMatch(line -> event(line).isPresent());
  }

  /** Returns the lines that are events of a step up to the given one, or of none. */
  static List<String> upTo(long step, Path file) throws IOException {
    List<String> kept = new ArrayList<>();
    if (Files.exists(file) && Files.size(file) <= MOST_BYTES) {
      new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> event(line).filter(e -> e.path("step").asLong() <= step).isPresent())
          .forEach(kept::add);
    }
    return kept;
  }

  /** Returns the event that a line holds; empty for a damaged line. */
  static Optional<JsonNode> event(String line) {
    try {
      return Optional.of(JSON.readTree(line)).filter(node -> node.path("event").isTextual());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Copies a file to a free name next to it. */
  static Path copy(Path file) throws IOException {
    String stem = file.getFileName() + ".damaged";
    Path free = file.resolveSibling(stem);
    for (int number = 2; Files.exists(free); number++) {
      free = file.resolveSibling(stem + "-" + number);
    }
    return Files.copy(file, free);
  }
}
