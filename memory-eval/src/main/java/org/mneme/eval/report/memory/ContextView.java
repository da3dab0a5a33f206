// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import java.util.Objects;

/**
 * A place in a text where an entry was chosen.
 *
 * @param before some text before the token
 * @param token the token at whose position the entry was chosen
 * @param after some text after it
 * @param weight the weight that the gate gave to the entry, 0 to 1
 */
public record ContextView(String before, String token, String after, double weight) {
  /** Refuses null. */
  public ContextView {
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(after, "after");
  }
}
