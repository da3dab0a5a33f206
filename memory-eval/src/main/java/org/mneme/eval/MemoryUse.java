// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
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
}
