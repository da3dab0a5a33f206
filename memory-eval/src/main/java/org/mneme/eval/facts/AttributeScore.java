// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How a model answers the questions about one attribute, in one kind of words.
 *
 * @param attribute what is asked, such as {@code birth_city}
 * @param questions number of questions
 * @param choices equally likely answers to one who knows nothing of the person
 * @param exactRecall share of the questions that greedy decoding answers exactly, 0 to 1
 * @param meanRank place of the right answer among the candidates by their total log-probability,
 *     from 1 (best); (candidates + 1) / 2 by chance
 * @param rankedFirst share of the questions whose right answer is more likely than every other
 *     candidate, 0 to 1; 1 / candidates by chance
 * @param candidates answers among which the right one is ranked: itself and a sample of the other
 *     answers that the facts have for the attribute
 * @param logProbability of the whole right answer, nats, the mean over questions
 * @param bits what the model knows of this attribute of all people: people · max(0, log₂ choices +
 *     logProbability / ln 2)
 * @param possibleBits people · log₂ choices
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AttributeScore(
    String attribute,
    long questions,
    int choices,
    double exactRecall,
    double meanRank,
    double rankedFirst,
    int candidates,
    double logProbability,
    double bits,
    double possibleBits) {}
