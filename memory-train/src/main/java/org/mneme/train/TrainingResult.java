// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.mneme.memory.statistics.UsageStatistics;

/**
 * What a training came to.
 *
 * @param steps optimiser steps
 * @param tokens positions trained, padding included
 * @param trainLoss mean loss of the last reported steps, balance loss included, in nats
 * @param validation the last validation; empty if no documents were held out
 * @param tokensPerSecond without the first steps, validations and checkpoints
 * @param seconds from the beginning to the end, all included
 * @param peakDeviceMemory most bytes of the device in use at once since it was opened
 * @param peakResidentMemory most bytes of the process in RAM at once since it began, where the
 *     system tells
 * @param updateCoverage share of the unfrozen memory entries that EMA updates touched
 * @param checkpoint where the model was saved, or would have been without {@link
 *     Trainer#withoutCheckpoints}
 */
public record TrainingResult(
    long steps,
    long tokens,
    double trainLoss,
    Optional<ValidationLoss.Result> validation,
    double tokensPerSecond,
    double seconds,
    long peakDeviceMemory,
    OptionalLong peakResidentMemory,
    OptionalDouble updateCoverage,
    Path checkpoint) {

  /** The mean cross-entropy on held-out text in nats, if there was a validation. */
  public OptionalDouble validationLoss() {
    return validation.stream().mapToDouble(ValidationLoss.Result::loss).findFirst();
  }

  /** The use of the memory in the last validation. */
  public Optional<UsageStatistics> usage() {
    return validation.flatMap(ValidationLoss.Result::usage);
  }
}
