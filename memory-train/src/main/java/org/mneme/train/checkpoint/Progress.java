// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.mneme.train.guard.GuardState;

/**
 * What a training has measured and told.
 *
 * @param reportedStep of the last report
 * @param trainLoss of the last report
 * @param judgedLoss sum of the losses since the last report that a guard has judged
 * @param validationLoss of the last validation; null if there was none
 * @param trainedSeconds spent training
 * @param reportedSeconds of these, at the last report
 * @param warmUpSeconds of these, until the speed began to count
 * @param elapsedSeconds since the training began, all included but the time between a stop and the
 *     resume
 * @param guard what the guard remembers
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Progress(
    long reportedStep,
    double trainLoss,
    double judgedLoss,
    Double validationLoss,
    double trainedSeconds,
    double reportedSeconds,
    double warmUpSeconds,
    double elapsedSeconds,
    GuardState guard) {
  /** Checks that numbers are finite and times are not negative. */
  public Progress {
    Stored.require(reportedStep >= 0, "progress.reported_step", reportedStep, "0 or more");
    Stored.finite("progress.train_loss", trainLoss);
    Stored.finite("progress.judged_loss", judgedLoss);
    Stored.require(
        validationLoss == null || (Double.isFinite(validationLoss) && validationLoss >= 0),
        "progress.validation_loss",
        validationLoss,
        "a finite number of at least 0");
    Stored.seconds("progress.trained_seconds", trainedSeconds);
    Stored.seconds("progress.reported_seconds", reportedSeconds);
    Stored.seconds("progress.warm_up_seconds", warmUpSeconds);
    Stored.seconds("progress.elapsed_seconds", elapsedSeconds);
    Stored.present("progress.guard", guard);
  }
}
