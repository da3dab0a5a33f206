// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.memory.statistics.UseHistogram;

/**
 * How the memory was used over a validation; see {@link UsageStatistics}.
 *
 * @param step after which it was
 * @param usedAny share of the entries selected in any slot
 * @param usedTop1 share of the entries selected in the first slot
 * @param klToUniform divergence of the use from even use, in nats
 * @param entropy of the use, in nats
 * @param gini inequality of the use
 * @param dead entries never selected
 * @param updateCoverage share of the unfrozen entries that updates have touched since the start;
 *     null for a memory that is not moved by EMA
 * @param selections in any slot
 * @param histogram how many entries were selected how often; no number among others, so that it is
 *     left out where reports become JSON
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MemoryReport(
    long step,
    double usedAny,
    double usedTop1,
    double klToUniform,
    double entropy,
    double gini,
    int dead,
    Double updateCoverage,
    @JsonIgnore long selections,
    @JsonIgnore UseHistogram histogram) {

  /** The report of some statistics. */
  public static MemoryReport of(long step, UsageStatistics usage, Double updateCoverage) {
    return new MemoryReport(
        step,
        usage.usedAny(),
        usage.usedTop1(),
        usage.klToUniform(),
        usage.entropy(),
        usage.gini(),
        usage.dead(),
        updateCoverage,
        usage.selections(),
        usage.histogram());
  }
}
