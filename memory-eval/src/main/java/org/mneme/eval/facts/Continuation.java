// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import org.mneme.eval.PaddedRow;

/** A prompt and what is to follow it; targets are the tokens of the answer alone. */
final class Continuation implements PaddedRow {
  private final int[] tokens;
  private final int answer;

  /**
   * A continuation of given tokens, which are not copied.
   *
   * @param tokens begin token, prompt, answer
   * @param answer the place of the answer's first token, at least 1
   */
  Continuation(int[] tokens, int answer) {
    this.tokens = tokens;
    this.answer = answer;
  }

  @Override
  public int length() {
    return tokens.length - 1;
  }

  @Override
  public void fill(int[] ids, int[] targets, int from) {
    System.arraycopy(tokens, 0, ids, from, length());
    System.arraycopy(tokens, answer, targets, from + answer - 1, tokens.length - answer);
  }
}
