// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import java.util.List;
import java.util.Objects;

/**
 * A choice of entries of one memory, for instance those used most or those changed most.
 *
 * @param title its heading
 * @param description one sentence on how they were chosen; may be empty
 * @param entries the entries, in the order in which they are shown
 */
public record MemoryPage(String title, String description, List<MemoryEntryView> entries) {
  /** Copies the list. */
  public MemoryPage {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(description, "description");
    entries = List.copyOf(entries);
  }
}
