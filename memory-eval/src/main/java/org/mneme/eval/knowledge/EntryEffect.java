// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.List;
import java.util.Objects;

/**
 * What an edit of an entry does to what follows a prompt.
 *
 * @param entry the entry
 * @param textBefore its text before; for a vector the tokens nearest to it
 * @param textAfter its text after
 * @param isCut whether the entry has no room for all of the new text
 * @param next the likeliest next tokens, before and after, the likeliest of both first
 * @param divergence KL(before ‖ after) of the next token's distribution, in nats
 * @param continuationBefore what the model writes behind the prompt before
 * @param continuationAfter and after
 * @param placesBefore where the prompt selects the entry before
 * @param placesAfter and after: later layers may choose otherwise
 */
public record EntryEffect(
    int entry,
    String textBefore,
    String textAfter,
    boolean isCut,
    List<TokenProbability> next,
    double divergence,
    String continuationBefore,
    String continuationAfter,
    List<SelectedPlace> placesBefore,
    List<SelectedPlace> placesAfter) {
  /** Copies the lists. */
  public EntryEffect {
    Objects.requireNonNull(textBefore, "textBefore");
    Objects.requireNonNull(textAfter, "textAfter");
    next = List.copyOf(next);
    placesBefore = List.copyOf(placesBefore);
    placesAfter = List.copyOf(placesAfter);
  }

  /** Returns whether the next token and the continuation are those of before. */
  public boolean changesNothing() {
    return divergence == 0
        && continuationBefore.equals(continuationAfter)
        && next.stream().allMatch(token -> token.before() == token.after());
  }
}
