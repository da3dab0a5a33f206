// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import org.mneme.train.TrainingResult;

/**
 * What a run took: the event {@value #EVENT} of its metrics.
 *
 * @param steps optimiser steps
 * @param tokens positions trained
 * @param flops floating-point operations of the training
 * @param trainSeconds the whole training, validations included
 * @param evaluationSeconds what was measured behind it
 * @param peakMemoryBytes most bytes of the device in use at once in the training
 */
record RunCost(
    long steps,
    long tokens,
    double flops,
    double trainSeconds,
    double evaluationSeconds,
    long peakMemoryBytes) {
  static final String EVENT = "cost";

  static RunCost of(PlannedSystem system, TrainingResult result, double evaluationSeconds) {
    return new RunCost(
        result.steps(),
        result.tokens(),
        system.flops(),
        result.seconds(),
        evaluationSeconds,
        result.peakDeviceMemory());
  }
}
