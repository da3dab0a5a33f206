// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

/**
 * How evenly the entries of a memory were used over some text. What was not measured is NaN.
 *
 * @param entries number of entries
 * @param usedAny share of the entries that were selected in any slot, 0 to 1
 * @param usedFirst share of the entries that were selected in the first slot, 0 to 1
 * @param klToUniform divergence of the selections from equal use, in nats; 0 is even
 * @param entropy entropy of the selections, in nats; at most ln(entries)
 * @param gini Gini coefficient of the selections, 0 (even) to 1 (one entry takes all)
 * @param dead entries that were never selected
 * @param lossWithoutReads validation loss with every read set to zero, in nats per token: what the
 *     memory contributes is its distance from the validation loss
 */
public record MemoryUsage(
    long entries,
    double usedAny,
    double usedFirst,
    double klToUniform,
    double entropy,
    double gini,
    long dead,
    double lossWithoutReads) {}
