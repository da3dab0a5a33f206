// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.List;
import java.util.Objects;
import org.mneme.eval.report.memory.MemoryEntryView;

/**
 * One entry: what it is, how often it was selected, and where.
 *
 * @param entry its index
 * @param uses selections in any slot
 * @param firstUses selections in the first slot
 * @param text its tokens, decoded together; empty for a vector
 * @param tokens its tokens, before and now; empty for a vector
 * @param nearestTokens for a vector as wide as the model, the tokens whose embeddings have the
 *     largest inner product with it, largest first; else empty
 * @param contexts places where it was selected, the weightiest first
 */
public record EntryInspection(
    int entry,
    long uses,
    long firstUses,
    String text,
    List<EntryToken> tokens,
    List<String> nearestTokens,
    List<SelectionContext> contexts) {
  /** Copies the lists. */
  public EntryInspection {
    Objects.requireNonNull(text, "text");
    tokens = List.copyOf(tokens);
    nearestTokens = List.copyOf(nearestTokens);
    contexts = List.copyOf(contexts);
  }

  /** Number of different tokens now; 0 for a vector. */
  public int distinctTokens() {
    return (int) tokens.stream().mapToInt(EntryToken::currentId).distinct().count();
  }

  /** Number of places whose token changed. */
  public int changedTokens() {
    return (int) tokens.stream().filter(EntryToken::changed).count();
  }

  /** The entry as a report shows it. */
  public MemoryEntryView reported() {
    return new MemoryEntryView(
        entry,
        uses,
        tokens.stream().map(EntryToken::reported).toList(),
        contexts.stream().map(SelectionContext::reported).toList());
  }
}
