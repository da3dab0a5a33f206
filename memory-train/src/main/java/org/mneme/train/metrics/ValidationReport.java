// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * The outcome of a validation.
 *
 * @param step after which it was
 * @param loss mean cross-entropy of a target, in nats
 * @param perplexity exp(loss)
 * @param targets that were predicted
 */
public record ValidationReport(long step, double loss, double perplexity, long targets) {}
