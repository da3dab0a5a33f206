// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Objects;

/**
 * A piece of a document that fits into a model: inputs {@code start} to {@code start + length - 1}
 * of the document's tokens, each with the token after it as its target.
 */
public final class TextWindow implements PaddedRow {
  private final long document;
  private final int[] tokens;
  private final int start;
  private final int length;

  TextWindow(long document, int[] tokens, int start, int length) {
    this.document = document;
    this.tokens = tokens;
    this.start = start;
    this.length = Objects.checkIndex(length, tokens.length - start);
  }

  /** The number of the document, from 0. */
  public long document() {
    return document;
  }

  /** The place of the first input in the document; 0 is the begin token. */
  public int start() {
    return start;
  }

  /** The number of inputs, each of which has a target. */
  @Override
  public int length() {
    return length;
  }

  /** The number of tokens of the whole document, with begin and end. */
  public int documentLength() {
    return tokens.length;
  }

  /** The token at a place of the whole document. */
  public int token(int place) {
    return tokens[place];
  }

  @Override
  public void fill(int[] ids, int[] targets, int from) {
    System.arraycopy(tokens, start, ids, from, length);
    System.arraycopy(tokens, start + 1, targets, from, length);
  }
}
