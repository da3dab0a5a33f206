// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Objects;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.generate.GenerationEvaluator;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.examples.experiment.EvaluationPlan;

/**
 * How much is measured of each trained model.
 *
 * @param batches held-out batches; 0 for all
 * @param factsPeople of how many persons is asked; 0 for all
 * @param candidates among how many answers the right one is ranked
 * @param prompts what is continued; empty for beginnings of held-out documents
 * @param textsPerPrompt texts after each prompt
 * @param maxTokens longest text
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record StudyEvaluation(
    Integer batches,
    Integer factsPeople,
    Integer candidates,
    List<String> prompts,
    Integer textsPerPrompt,
    Integer maxTokens) {

  /** Fills in what was left out. */
  StudyEvaluation {
    batches = Objects.requireNonNullElse(batches, 0);
    factsPeople = Objects.requireNonNullElse(factsPeople, 200);
    candidates = Objects.requireNonNullElse(candidates, 16);
    prompts = prompts == null ? List.of() : List.copyOf(prompts);
    textsPerPrompt = Objects.requireNonNullElse(textsPerPrompt, 8);
    maxTokens = Objects.requireNonNullElse(maxTokens, 64);
  }

  /** What models are asked to write. */
  EvaluationPlan plan(List<String> beginnings) {
    SamplingConfig sampling = GenerationEvaluator.SAMPLING.toBuilder().maxTokens(maxTokens).build();
    return EvaluationPlan.of(beginnings).writing(textsPerPrompt, sampling);
  }

  /** How much is asked of the facts. */
  FactsConfig facts() {
    return new FactsConfig(factsPeople, candidates);
  }

  /** Adds what is wrong to a list. */
  void check(List<String> faults) {
    atLeast(faults, "batches", batches, 0);
    atLeast(faults, "facts_people", factsPeople, 0);
    atLeast(faults, "candidates", candidates, 2);
    atLeast(faults, "texts_per_prompt", textsPerPrompt, 1);
    atLeast(faults, "max_tokens", maxTokens, 1);
  }

  private static void atLeast(List<String> faults, String key, int found, int least) {
    if (found < least) {
      faults.add("evaluation." + key + " is " + found + ", expected at least " + least);
    }
  }
}
