// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * What one EMA update changed.
 *
 * @param step after which it was
 * @param entriesTouched unfrozen entries that the micro-batch selected
 * @param entriesChanged entries of which at least one element is another than before
 * @param tokensChanged tokens that are others than before; 0 for vectors
 * @param distinctTokens mean number of distinct tokens of the changed entries
 * @param sameTokenEntries touched entries that hold the same token at every place; 0 for vectors
 * @param updateCoverage share of the unfrozen entries touched since the start
 * @param entriesRevived entries that got new contents since the start, because nothing selected
 *     them
 */
public record MemoryMoveReport(
    long step,
    int entriesTouched,
    int entriesChanged,
    long tokensChanged,
    double distinctTokens,
    int sameTokenEntries,
    double updateCoverage,
    int entriesRevived) {}
