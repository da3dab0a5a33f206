// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.nio.file.Path;
import java.util.List;
import org.mneme.eval.Evaluation;
import org.mneme.eval.facts.Fact;
import org.mneme.eval.facts.FactFiles;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.facts.FactsEvaluator;
import org.mneme.eval.generate.GenerationEvaluator;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;

/**
 * What a model is asked to write and to recall.
 *
 * @param prompts beginnings to continue; empty for none
 * @param textsPerPrompt texts after each; 0 for none
 * @param sampling how they are continued
 * @param factsSource where the facts are from
 * @param facts to ask for; empty for none
 * @param asked how many of them
 */
public record EvaluationPlan(
    List<String> prompts,
    int textsPerPrompt,
    SamplingConfig sampling,
    String factsSource,
    List<Fact> facts,
    FactsConfig asked) {
  /** Texts after each prompt where nothing else is said. */
  public static final int TEXTS_PER_PROMPT = 4;

  /** Copies the lists. */
  public EvaluationPlan {
    prompts = List.copyOf(prompts);
    facts = List.copyOf(facts);
  }

  /** Asks to continue prompts, as often and in the way that is usual. */
  public static EvaluationPlan of(List<String> prompts) {
    return new EvaluationPlan(
        prompts,
        TEXTS_PER_PROMPT,
        GenerationEvaluator.SAMPLING,
        "",
        List.of(),
        FactsConfig.DEFAULT);
  }

  /** Continues so many times, and in another way. */
  public EvaluationPlan writing(int texts, SamplingConfig other) {
    return new EvaluationPlan(prompts, texts, other, factsSource, facts, asked);
  }

  /** Continues these prompts if there are none yet. */
  public EvaluationPlan orPrompts(List<String> others) {
    List<String> own = prompts.isEmpty() ? others : prompts;
    return new EvaluationPlan(own, textsPerPrompt, sampling, factsSource, facts, asked);
  }

  /**
   * Asks for facts besides.
   *
   * @param path a file of facts or a folder with one
   * @throws org.mneme.compute.UserException if they cannot be read
   */
  public EvaluationPlan withFacts(Path path, FactsConfig config) {
    return new EvaluationPlan(
        prompts, textsPerPrompt, sampling, path.toString(), FactFiles.read(path), config);
  }

  /** Adds what is asked to the parts of an evaluation. */
  public void addTo(EvaluationParts parts, LanguageModel model, TextCodec codec) {
    if (!prompts.isEmpty() && textsPerPrompt > 0) {
      parts.add(
          Evaluation.GENERATION,
          evaluation ->
              evaluation.generation(
                  new GenerationEvaluator(model, codec)
                      .evaluate(prompts, textsPerPrompt, sampling)));
    }
    if (!facts.isEmpty()) {
      parts.add(
          Evaluation.FACTS,
          evaluation ->
              evaluation.facts(
                  new FactsEvaluator(model, codec).evaluate(factsSource, facts, asked)));
    }
  }

  /**
   * Checks that a model can be asked, before it is trained.
   *
   * @param longestSequence the model's {@code max_seq_len}
   * @throws org.mneme.compute.UserException if a prompt or a fact is too long for it
   */
  public void requireFit(TextCodec codec, int longestSequence) {
    for (String prompt : textsPerPrompt > 0 ? prompts : List.<String>of()) {
      TextGenerator.requireFit(prompt, codec, longestSequence);
    }
    if (!facts.isEmpty()) {
      FactsEvaluator.requireFit(facts, asked, codec, longestSequence);
    }
  }
}
