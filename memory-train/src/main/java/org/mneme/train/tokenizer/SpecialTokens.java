// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * The tokens that stand for no text. A trained vocabulary gives them the ids 0, 1 and 2 in the
 * order of {@link #inOrder()}.
 *
 * @param begin begins a document
 * @param end ends a document
 * @param pad fills a sequence up
 */
public record SpecialTokens(String begin, String end, String pad) {

  /** {@code <s>}, {@code </s>} and {@code <pad>}. */
  public static final SpecialTokens DEFAULT = new SpecialTokens("<s>", "</s>", "<pad>");

  /** Checks that the tokens are not empty. */
  public SpecialTokens {
    checkArgument(
        !begin.isEmpty() && !end.isEmpty() && !pad.isEmpty(),
        "a special token is empty: begin \"%s\", end \"%s\", pad \"%s\"",
        begin,
        end,
        pad);
  }

  /** Returns padding, begin and end, in the order of their ids in a trained vocabulary. */
  List<String> inOrder() {
    checkArgument(
        !pad.equals(begin) && !begin.equals(end) && !pad.equals(end),
        "begin, end and pad must differ in a vocabulary that is trained: %s",
        this);
    return List.of(pad, begin, end);
  }
}
