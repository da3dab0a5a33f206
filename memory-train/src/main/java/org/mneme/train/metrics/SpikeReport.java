// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * A loss or a gradient norm far above those before it.
 *
 * @param step at which it was
 * @param quantity {@code loss} or {@code grad_norm}
 * @param value what it was
 * @param mean of the steps before
 * @param deviation standard deviation of the steps before
 * @param zScore (value − mean) / deviation
 * @param skipped whether the step moved nothing
 */
public record SpikeReport(
    long step,
    String quantity,
    double value,
    double mean,
    double deviation,
    double zScore,
    boolean skipped) {}
