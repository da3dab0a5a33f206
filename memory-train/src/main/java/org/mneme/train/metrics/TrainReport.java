// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * How training went since the last report. Losses are means over the steps since then that were not
 * skipped, in nats.
 *
 * @param step from 1
 * @param tokens positions trained so far, padding included
 * @param loss cross-entropy plus balance loss
 * @param ce cross-entropy
 * @param balanceLoss balance loss, its coefficient included
 * @param lr learning rate of this step
 * @param gradNorm norm of this step's gradient before clipping; of the last one that was finite, if
 *     this one is not
 * @param tokensPerSecond since the last report, without validations and checkpoints
 * @param elapsedSeconds since the training began, all included
 */
public record TrainReport(
    long step,
    long tokens,
    double loss,
    double ce,
    double balanceLoss,
    double lr,
    double gradNorm,
    double tokensPerSecond,
    double elapsedSeconds) {}
