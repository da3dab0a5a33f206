// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import org.mneme.model.LanguageModel;
import org.mneme.model.config.MemoryStore;

/**
 * How large a model is.
 *
 * @param trainable numbers that the optimiser moves
 * @param total with the entries of a memory that the optimiser does not move
 */
public record ParameterCount(long trainable, long total) {
  /** Counts what a model holds. */
  public static ParameterCount of(LanguageModel model) {
    long trainable = model.parameters().table().parameterCount();
    boolean counted = model.config().memoryStore() == MemoryStore.LEARNED;
    long entries = model.memory().map(memory -> memory.bank().elementCount()).orElse(0L);
    return new ParameterCount(trainable, trainable + (counted ? 0 : entries));
  }
}
