// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.List;
import java.util.Objects;
import org.mneme.eval.report.memory.MemoryPage;

/**
 * Some entries of a memory as they were used on some text.
 *
 * @param positions number of positions of the text at which each memory layer selected
 * @param entries the entries, in the order in which they were asked for
 */
public record MemoryInspection(long positions, List<EntryInspection> entries) {
  /** Copies the list. */
  public MemoryInspection {
    Objects.requireNonNull(entries, "entries");
    entries = List.copyOf(entries);
  }

  /** The entries as a report shows them. */
  public MemoryPage reported(String title, String description) {
    return new MemoryPage(
        title, description, entries.stream().map(EntryInspection::reported).toList());
  }
}
