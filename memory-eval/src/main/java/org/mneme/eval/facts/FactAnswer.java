// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

/**
 * How a model answered a question.
 *
 * @param fact the question
 * @param recalled whether greedy decoding gives the right answer
 * @param rank place of the right answer among the candidates, from 1
 * @param candidates number of candidates
 * @param logProbability of the right answer, nats
 */
record FactAnswer(Fact fact, boolean recalled, int rank, int candidates, double logProbability) {}
