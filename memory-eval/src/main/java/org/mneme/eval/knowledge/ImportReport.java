// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

/**
 * What an import did.
 *
 * @param entries entries in the file
 * @param changed entries that hold something else than before
 * @param encoded entries whose tokens were made from their text
 * @param cut of these, entries that had no room for all of the text
 */
public record ImportReport(int entries, int changed, int encoded, int cut) {}
