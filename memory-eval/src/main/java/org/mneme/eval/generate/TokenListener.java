// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

/** Is told of each token while a text is generated. */
@FunctionalInterface
public interface TokenListener {
  /** Listens to nothing. */
  TokenListener NONE = (token, text) -> {};

  /**
   * A token was added.
   *
   * @param token its id; −1 in a last call that gives the text that was still held back
   * @param text what can be printed now; all texts together are the generated text. Empty for a
   *     token that ends within a character
   */
  void added(int token, String text);
}
