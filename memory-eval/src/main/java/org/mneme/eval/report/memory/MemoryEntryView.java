// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import java.util.List;

/**
 * One entry of a token memory as a person can read it.
 *
 * @param index its number in the memory
 * @param useCount how often it was selected
 * @param tokens its tokens, before and now; empty for an entry that holds no tokens
 * @param contexts places where it was chosen, the weightiest first
 */
public record MemoryEntryView(
    long index, long useCount, List<TokenChange> tokens, List<ContextView> contexts) {
  /** Copies the lists. */
  public MemoryEntryView {
    tokens = List.copyOf(tokens);
    contexts = List.copyOf(contexts);
  }

  /** Number of places whose token changed. */
  public long changedTokens() {
    return tokens.stream().filter(TokenChange::changed).count();
  }
}
