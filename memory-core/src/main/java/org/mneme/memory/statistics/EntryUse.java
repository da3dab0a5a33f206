// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

/**
 * How often one entry was selected.
 *
 * @param entry its index
 * @param count selections in any slot
 */
public record EntryUse(int entry, int count) {}
