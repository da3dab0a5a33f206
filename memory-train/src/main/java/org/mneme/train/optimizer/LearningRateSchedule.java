// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * The share of the learning rate that each step gets: a linear warm-up, then a {@link
 * ScheduleForm}.
 *
 * @param form after the warm-up
 * @param warmupSteps steps in which the share grows linearly; the last of them has 1
 * @param totalSteps the step that has {@code minRatio}
 * @param minRatio the least share of a cosine, 0 to 1
 */
public record LearningRateSchedule(
    ScheduleForm form, long warmupSteps, long totalSteps, double minRatio) {

  /** Checks the ranges. */
  public LearningRateSchedule {
    Objects.requireNonNull(form, "form");
    checkArgument(warmupSteps >= 0, "warmupSteps is %s, expected at least 0", warmupSteps);
    checkArgument(totalSteps >= 1, "totalSteps is %s, expected at least 1", totalSteps);
    checkArgument(minRatio >= 0 && minRatio <= 1, "minRatio is %s, expected 0 to 1", minRatio);
  }

  /**
   * The share of a step: step / warmupSteps in the warm-up; then, for a cosine, minRatio + (1 −
   * minRatio)·(1 + cos(π·p)) / 2 with p the share of the remaining steps that are done.
   *
   * @param step from 1; behind {@code totalSteps} the share stays
   */
  public double share(long step) {
    checkArgument(step >= 1, "step is %s, expected at least 1", step);
    if (step < warmupSteps) {
      return (double) step / warmupSteps;
    }
    if (form == ScheduleForm.CONSTANT) {
      return 1;
    }
    long first = Math.max(1, warmupSteps);
    double done = Math.min(1.0, (double) (step - first) / Math.max(1, totalSteps - first));
    return minRatio + (1 - minRatio) * (1 + Math.cos(Math.PI * done)) / 2;
  }
}
