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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.mneme.compute.UserException;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final JsonMapper EVENTS =
      JsonMapper.builder().disable(FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final Logger LOG = LoggerFactory.getLogger(MemoryUse.class);

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
   * Returns the use at each validation of a training.
   *
   * @param metrics a run's {@code metrics.jsonl}; other events are ignored, and lines that cannot
   *     be read are skipped with a warning
   * @throws UserException if the file cannot be read
   */
  public static List<MemoryUse> history(Path metrics) {
    List<MemoryUse> history = new ArrayList<>();
    int unreadable = collect(metrics, history);
    if (unreadable > 0) {
      LOG.warn("{}: {} lines cannot be read and are skipped", metrics, unreadable);
    }
    return List.copyOf(history);
  }

  /** Adds the use at each validation; returns how many lines cannot be read. */
  static int collect(Path metrics, List<MemoryUse> history) {
    AtomicInteger unreadable = new AtomicInteger();
    try {
      unreadable.addAndGet(
          MetricsFile.read(
              metrics,
              event -> {
                if (event.path("event").asText().equals("memory")) {
                  add(event, history, unreadable);
                }
              }));
    } catch (IOException e) {
      throw FileFault.cannotBe(metrics, "read", e);
    }
    return unreadable.get();
  }

  private static void add(JsonNode event, List<MemoryUse> history, AtomicInteger unreadable) {
    try {
      history.add(EVENTS.treeToValue(event, MemoryUse.class));
    } catch (JsonProcessingException e) {
      unreadable.incrementAndGet();
    }
  }
}
