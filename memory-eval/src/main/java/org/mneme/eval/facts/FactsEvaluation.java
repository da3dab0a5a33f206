// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Objects;

/**
 * What a model recalls of facts.
 *
 * @param source the file of facts
 * @param people persons in it
 * @param peopleAsked persons of whom was asked; bits are those of all
 * @param phrasings scores in words of the training text, and in others
 * @param withoutReads the same with every read from the memory set to zero; empty for a model
 *     without a memory
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FactsEvaluation(
    String source,
    int people,
    int peopleAsked,
    List<PhrasingScore> phrasings,
    List<PhrasingScore> withoutReads) {
  /** Copies the lists; one that is absent is empty. */
  public FactsEvaluation {
    Objects.requireNonNull(source, "source");
    phrasings = phrasings == null ? List.of() : List.copyOf(phrasings);
    withoutReads = withoutReads == null ? List.of() : List.copyOf(withoutReads);
  }
}
