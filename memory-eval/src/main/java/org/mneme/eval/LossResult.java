// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Objects;
import java.util.Optional;
import org.mneme.eval.report.MemoryUsage;
import org.mneme.memory.statistics.UsageStatistics;

/**
 * How well a model predicts some text.
 *
 * @param loss mean cross-entropy of the targets, nats per token
 * @param tokens number of targets
 * @param usage how the memory was used at the positions that have a target; empty for a model
 *     without a memory
 */
public record LossResult(double loss, long tokens, Optional<UsageStatistics> usage) {
  /** Refuses null. */
  public LossResult {
    Objects.requireNonNull(usage, "usage");
  }

  /** e to the loss. */
  public double perplexity() {
    return Math.exp(loss);
  }

  /**
   * The usage as a report shows it.
   *
   * @param lossWithoutReads what {@link LossEvaluator#withoutReads} measured on the same text; NaN
   *     if it was not measured
   */
  public Optional<MemoryUsage> reported(double lossWithoutReads) {
    return usage.map(
        u ->
            new MemoryUsage(
                u.entries(),
                u.usedAny(),
                u.usedTop1(),
                u.klToUniform(),
                u.entropy(),
                u.gini(),
                u.dead(),
                lossWithoutReads));
  }
}
