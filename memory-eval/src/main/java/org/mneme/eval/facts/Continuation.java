// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import org.mneme.eval.PaddedRow;

/**
 * A prompt and what is to follow it; targets are the tokens of the answer alone.
 *
 * @param tokens begin token, prompt, answer
 * @param answer the place of the answer's first token
 */
record Continuation(int[] tokens, int answer) implements PaddedRow {
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
