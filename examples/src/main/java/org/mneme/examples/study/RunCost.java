// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.mneme.train.TrainingResult;

/**
 * What a run took; {@code cost.json} of its folder.
 *
 * @param steps optimiser steps
 * @param tokens positions trained
 * @param flopsPerToken floating-point operations of training on a position
 * @param tokensPerSecond without the first steps and validations
 * @param trainSeconds the whole training, validations included
 * @param evaluationSeconds what was measured behind it
 * @param peakMemoryBytes most bytes of the device in use at once in the training
 * @param trainLoss mean loss of the last reported steps, balance loss included, nats
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record RunCost(
    long steps,
    long tokens,
    double flopsPerToken,
    double tokensPerSecond,
    double trainSeconds,
    double evaluationSeconds,
    long peakMemoryBytes,
    double trainLoss) {
  static final String FILE = "cost.json";

  static RunCost of(PlannedSystem system, TrainingResult result, double evaluationSeconds) {
    return new RunCost(
        result.steps(),
        result.tokens(),
        system.flopsPerToken(),
        result.tokensPerSecond(),
        result.seconds(),
        evaluationSeconds,
        result.peakDeviceMemory(),
        result.trainLoss());
  }

  /** Floating-point operations of the training. */
  double flops() {
    return flopsPerToken * tokens;
  }
}
