// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Objects;
import org.mneme.eval.report.document.Sample;

/**
 * What a model writes after fixed prompts.
 *
 * @param prompts number of prompts
 * @param textsPerPrompt texts after each, of seeds that follow each other
 * @param sampling how the first text of each prompt was continued
 * @param metrics what was counted
 * @param withoutReads the same with every read from the memory set to zero; null for a model
 *     without a memory
 * @param samples the first text after each prompt
 * @param samplesWithoutReads the same without reads; empty for a model without a memory
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GenerationEvaluation(
    int prompts,
    int textsPerPrompt,
    SamplingConfig sampling,
    GenerationMetrics metrics,
    GenerationMetrics withoutReads,
    List<Sample> samples,
    List<Sample> samplesWithoutReads) {
  /** Copies the lists; one that is absent is empty. */
  public GenerationEvaluation {
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(metrics, "metrics");
    samples = samples == null ? List.of() : List.copyOf(samples);
    samplesWithoutReads =
        samplesWithoutReads == null ? List.of() : List.copyOf(samplesWithoutReads);
  }
}
