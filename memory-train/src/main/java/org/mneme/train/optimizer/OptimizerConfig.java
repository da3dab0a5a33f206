// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.Objects;

/**
 * What AdamW does with each group of parameters.
 *
 * @param learningRate of matrices, norms and biases, before the schedule
 * @param memoryLearningRate of learned memory values, before the schedule
 * @param schedule the share of both at each step
 * @param weightDecay of matrices; nothing else decays
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root of the second moment
 * @param memoryOptimizer which learned memory values a step moves
 * @param gradClip largest norm of the whole gradient; 0 for no limit
 */
public record OptimizerConfig(
    double learningRate,
    double memoryLearningRate,
    LearningRateSchedule schedule,
    double weightDecay,
    double beta1,
    double beta2,
    double eps,
    MemoryOptimizer memoryOptimizer,
    double gradClip) {

  /** Checks that nothing is missing; {@code AdamWSettings} checks the ranges. */
  public OptimizerConfig {
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(memoryOptimizer, "memoryOptimizer");
  }
}
