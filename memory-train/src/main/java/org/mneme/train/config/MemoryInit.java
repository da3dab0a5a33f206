// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import java.util.Locale;
import org.mneme.compute.UserException;
import org.mneme.model.config.ModelConfig;

/** What the entries of a memory are before the first step. */
public enum MemoryInit {
  /** Random tokens or random vectors, as the model was made. */
  RANDOM,
  /** Tokens only: the first tokens of knowledge sentences or, without any, of the documents. */
  TEXT,
  /** Vectors only: centres of the gate queries of the first batches, by k-means. */
  KMEANS;

  /**
   * Checks that a memory can get its first contents in this way.
   *
   * @param model the model with the memory; one without a memory accepts all ways
   * @param hasKnowledge whether there are sentences other than the training documents
   * @throws UserException if it cannot
   */
  public void requireFor(ModelConfig model, boolean hasKnowledge) {
    if (this == RANDOM || !model.hasMemory()) {
      return;
    }
    if (model.remembersContexts()) {
      requireForContexts(hasKnowledge);
    } else if (!model.holdsTokens() && this == TEXT) {
      throw fault(", expected random: the entries are vectors, not tokens");
    } else if (!model.holdsTokens() && model.readWidth() != model.knowledgeDim()) {
      throw fault(
          ", expected random: entries of width "
              + model.readWidth()
              + " cannot be centres of queries of width "
              + model.knowledgeDim());
    }
  }

  private void requireForContexts(boolean hasKnowledge) {
    String expected = ", expected random, or text with a data.knowledge_file: ";
    if (this == KMEANS) {
      throw fault(expected + "entries belong to contexts, not to clusters");
    }
    if (!hasKnowledge) {
      throw fault(
          " without a data.knowledge_file"
              + expected
              + "the memory would know the training documents before it learns from them");
    }
  }

  private UserException fault(String what) {
    return new UserException(
        "training configuration: memory_init is " + name().toLowerCase(Locale.ROOT) + what);
  }
}
