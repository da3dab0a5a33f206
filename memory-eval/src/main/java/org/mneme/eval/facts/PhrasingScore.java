// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Objects;

/**
 * How a model answers the questions in one kind of words.
 *
 * @param phrasing words of the training text, or others
 * @param questions number of questions
 * @param exactRecall share of the questions that greedy decoding answers exactly, 0 to 1
 * @param meanRank place of the right answer among the candidates, from 1; the mean over questions
 * @param rankedFirst share of the questions whose right answer is the likeliest candidate, 0 to 1
 * @param logProbability of the whole right answer, nats, the mean over questions
 * @param bits what the model knows of all people: the sum over attributes
 * @param possibleBits what there is to know
 * @param bitsPerParameter bits over all parameters, the entries of a memory included
 * @param attributes the same by attribute
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PhrasingScore(
    Phrasing phrasing,
    long questions,
    double exactRecall,
    double meanRank,
    double rankedFirst,
    double logProbability,
    double bits,
    double possibleBits,
    double bitsPerParameter,
    List<AttributeScore> attributes) {
  /** Copies the list. */
  public PhrasingScore {
    Objects.requireNonNull(phrasing, "phrasing");
    attributes = List.copyOf(attributes);
  }
}
