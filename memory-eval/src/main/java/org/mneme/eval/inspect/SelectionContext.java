// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Objects;
import org.mneme.eval.report.memory.ContextView;

/**
 * A place in a text where an entry was selected.
 *
 * @param before text before the token, which the model had seen
 * @param token the token at whose position the entry was selected, the last one that the model had
 *     seen
 * @param after text after it, which the model had not seen
 * @param weight the weight of the entry among those selected there by the same query head, 0 to 1
 * @param layer number of the block
 * @param head number of the query head
 * @param document number of the document, from 0
 * @param place number of the token in the document, 0 for its begin token
 */
public record SelectionContext(
    String before,
    String token,
    String after,
    double weight,
    int layer,
    int head,
    long document,
    int place) {
  /** Refuses null. */
  public SelectionContext {
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(after, "after");
  }

  /** The place as a report shows it. */
  public ContextView reported() {
    return new ContextView(before, token, after, weight);
  }

  /** The text with the token between ▸ and ◂. */
  public String marked() {
    return before + "▸" + token + "◂" + after;
  }
}
