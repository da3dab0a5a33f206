// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A change of an entry; see {@link EntryEditor#edit}.
 *
 * @param entry its index
 * @param text what it is to hold
 * @param owner in a memory that is addressed by text, the tag of the context that the entry belongs
 *     to from then on; empty to leave it as it is
 * @param context texts of the tokens of that context, the last one last; empty without an owner
 */
public record EntryEdit(int entry, String text, OptionalInt owner, List<String> context) {
  /** Refuses null and copies the list. */
  public EntryEdit {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(owner, "owner");
    context = List.copyOf(context);
  }

  /** A change that leaves the context of the entry as it is. */
  public EntryEdit(int entry, String text) {
    this(entry, text, OptionalInt.empty(), List.of());
  }
}
