// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChromeTraceTest {
  private static final StepProfile PROFILE =
      new StepProfile(
          List.of(new Span("gradients", 0.5, 0.25)),
          List.of(new Span("gemm", 0.5000005, 0.125)),
          0.25,
          0.5);

  @TempDir Path folder;

  @Test
  void spansAreCompleteEventsInMicroseconds() throws IOException {
    Path file = new ChromeTrace(folder, "device cpu, \"quoted\"", 3).write(20, PROFILE);
    assertThat(file).hasFileName("trace-0000000020.json");
    JsonNode events = new ObjectMapper().readTree(file.toFile()).get("traceEvents");
    assertThat(events).hasSize(4);
    assertThat(events.get(1).at("/args/name").asText()).isEqualTo("device cpu, \"quoted\"");
    JsonNode phase = events.get(2);
    assertThat(phase.get("ph").asText()).isEqualTo("X");
    assertThat(phase.get("name").asText()).isEqualTo("gradients");
    assertThat(phase.get("ts").asDouble()).isEqualTo(500_000);
    assertThat(phase.get("dur").asDouble()).isEqualTo(250_000);
    JsonNode operation = events.get(3);
    assertThat(operation.get("ts").asDouble()).isEqualTo(500_000.5);
    assertThat(operation.get("pid").asInt())
        .isEqualTo(events.get(1).get("pid").asInt())
        .isNotEqualTo(phase.get("pid").asInt());
  }

  @Test
  void theNewestFilesStay() throws IOException {
    Path other = Files.writeString(folder.resolve("trace-of-mine.json"), "{}");
    ChromeTrace trace = new ChromeTrace(folder, "device", 2);
    for (long step = 9; step <= 12; step++) {
      trace.write(step, PROFILE);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files)
          .containsExactlyInAnyOrder(
              other,
              folder.resolve("trace-0000000011.json"),
              folder.resolve("trace-0000000012.json"));
    }
  }
}
