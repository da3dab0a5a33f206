// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

/**
 * What an update changed.
 *
 * @param entriesChanged entries with at least one element that differs from before
 * @param tokensChanged tokens that differ from before; 0 for vectors
 * @param distinctTokens mean number of distinct tokens of the changed entries; 0 if none changed
 *     and for vectors
 * @param sameTokenEntries entries touched, changed or not, that now hold the same token at every
 *     place; 0 for vectors
 * @param coverage share of the unfrozen entries that were touched since the start, 0 to 1
 */
public record EmaChange(
    int entriesChanged,
    long tokensChanged,
    double distinctTokens,
    int sameTokenEntries,
    double coverage) {}
