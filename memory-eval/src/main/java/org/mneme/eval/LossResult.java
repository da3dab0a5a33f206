// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Objects;
import java.util.Optional;
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
}
