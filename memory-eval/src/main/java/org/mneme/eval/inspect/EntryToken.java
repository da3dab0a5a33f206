// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Objects;
import org.mneme.eval.report.memory.TokenChange;

/**
 * One token place of an entry.
 *
 * @param initialId the token in the snapshot; the same as now if there is no snapshot
 * @param initial its text
 * @param currentId the token now
 * @param current its text
 */
public record EntryToken(int initialId, String initial, int currentId, String current) {
  /** Refuses null. */
  public EntryToken {
    Objects.requireNonNull(initial, "initial");
    Objects.requireNonNull(current, "current");
  }

  /** Whether it is another token than in the snapshot. */
  public boolean changed() {
    return initialId != currentId;
  }

  /** The place as a report shows it. */
  public TokenChange reported() {
    return new TokenChange(initial, current, changed());
  }
}
