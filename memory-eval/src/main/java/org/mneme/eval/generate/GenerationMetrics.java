// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What can be counted in generated texts, without their prompts. Counts are of tokens, so that only
 * texts of one tokenizer can be compared. What cannot be computed, because there are no n-grams or
 * fewer than two texts, is null.
 *
 * @param texts number of texts
 * @param endTokenRate share of the texts that the model ended by itself, 0 to 1
 * @param meanLength tokens of a text, without the end token
 * @param distinct1 different tokens over all tokens (Li et al. 2016)
 * @param distinct2 different pairs of neighbours over all such pairs
 * @param repetition4 share of a text's 4-grams that it has had before, the mean over texts
 *     (seq-rep-4 of Welleck et al. 2019)
 * @param longestLoop share of a text that its longest loop takes, the mean over texts: a loop is a
 *     piece that says the same at least three times in a row
 * @param selfBleu how alike the texts are, 0 to 1: BLEU-4 of each with all others as references,
 *     the mean over texts (Zhu et al. 2018)
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GenerationMetrics(
    int texts,
    double endTokenRate,
    double meanLength,
    Double distinct1,
    Double distinct2,
    Double repetition4,
    Double longestLoop,
    Double selfBleu) {}
