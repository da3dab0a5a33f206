// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import java.util.Objects;

/**
 * One token place of a memory entry.
 *
 * @param initial the token's text before training
 * @param current its text now
 * @param changed whether the token is another one; two tokens can have the same text
 */
public record TokenChange(String initial, String current, boolean changed) {
  /** Refuses null. */
  public TokenChange {
    Objects.requireNonNull(initial, "initial");
    Objects.requireNonNull(current, "current");
  }

  /** A place whose token changed if its text did. */
  public static TokenChange of(String initial, String current) {
    return new TokenChange(initial, current, !initial.equals(current));
  }
}
