// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * A change of an entry; see {@link EntryEditor#edit}.
 *
 * @param entry its index
 * @param text what it is to hold
 * @param owner in a memory that is addressed by text, the tag of the context that the entry belongs
 *     to from then on; empty to leave it as it is
 */
public record EntryEdit(int entry, String text, OptionalInt owner) {
  /** Refuses null. */
  public EntryEdit {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(owner, "owner");
  }

  /** A change that leaves the context of the entry as it is. */
  public EntryEdit(int entry, String text) {
    this(entry, text, OptionalInt.empty());
  }
}
