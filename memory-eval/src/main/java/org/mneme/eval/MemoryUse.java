// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.LineNumberReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.memory.statistics.UsageStatistics;

/**
 * How evenly the entries of a memory were chosen over some text; keys on disk are those of the
 * {@code memory} events of {@code metrics.jsonl}.
 *
 * @param step optimiser steps before; null if the checkpoint does not tell
 * @param usedAny share of the entries that were selected in any slot, 0 to 1
 * @param usedTop1 share of the entries that were selected in the first slot, 0 to 1
 * @param klToUniform divergence of the selections from equal use, nats; 0 is even
 * @param entropy of the selections, nats; at most ln(entries)
 * @param gini Gini coefficient of the selections, 0 (even) to 1 (one entry takes all)
 * @param dead entries that were never selected
 * @param updateCoverage share of the unfrozen entries that updates have touched since training
 *     began; null where it is not known or the memory is not moved by EMA
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MemoryUse(
    Long step,
    double usedAny,
    double usedTop1,
    double klToUniform,
    double entropy,
    double gini,
    long dead,
    Double updateCoverage) {

  /** The use that statistics tell of. */
  public static MemoryUse of(Long step, UsageStatistics usage) {
    return new MemoryUse(
        step,
        usage.usedAny(),
        usage.usedTop1(),
        usage.klToUniform(),
        usage.entropy(),
        usage.gini(),
        usage.dead(),
        null);
  }

  /**
   * The use at each validation of a training.
   *
   * @param metrics a run's {@code metrics.jsonl}, whose other events are passed over
   * @throws UserException naming file and line of what is wrong
   */
  public static List<MemoryUse> history(Path metrics) {
    JsonMapper mapper = JsonMapper.builder().disable(FAIL_ON_UNKNOWN_PROPERTIES).build();
    List<MemoryUse> history = new ArrayList<>();
    try (LineNumberReader lines = new LineNumberReader(Files.newBufferedReader(metrics))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode event = parse(mapper, metrics, lines.getLineNumber(), line);
        if (event.path("event").asText().equals("memory")) {
          history.add(mapper.convertValue(event, MemoryUse.class));
        }
      }
    } catch (IOException e) {
      throw new UserException(metrics + ": cannot be read: " + e, e);
    }
    return List.copyOf(history);
  }

  private static JsonNode parse(JsonMapper mapper, Path file, int number, String line) {
    try {
      return mapper.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UserException(
          file + ", line " + number + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
