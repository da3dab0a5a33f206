// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * Steps that changed nothing because the norm of their gradient was not finite.
 *
 * @param step of the report of losses that says so
 * @param skipped steps since the report of losses before it
 * @param steps since then in all
 */
public record SkippedReport(long step, int skipped, long steps) {}
