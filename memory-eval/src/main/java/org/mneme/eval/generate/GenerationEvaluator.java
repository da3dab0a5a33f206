// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.SilencedReads;
import org.mneme.eval.report.document.Sample;
import org.mneme.memory.random.Seeds;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.layers.SelectionObserver;

/**
 * Lets a model continue prompts, with its memory and without, and counts what can be counted in
 * what it writes. Equal model, prompts and sampling give equal numbers.
 */
public final class GenerationEvaluator {
  /** Sampling without a penalty for repetition, which would hide it; 64 tokens at most. */
  public static final SamplingConfig SAMPLING =
      SamplingConfig.builder().temperature(0.8).topK(40).seed(1).maxTokens(64).build();

  private final LanguageModel model;
  private final TextCodec codec;

  /**
   * An evaluator of a model and its tokenizer.
   *
   * @throws org.mneme.compute.UserException if the tokenizer has ids that the model does not know
   */
  public GenerationEvaluator(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.codec = codec;
  }

  /**
   * Continues every prompt.
   *
   * @param textsPerPrompt texts after each prompt, at least 1
   * @param sampling of all texts; each has a stream of its own, keyed by the seed, its prompt and
   *     its number
   * @throws org.mneme.compute.UserException if a prompt leaves no room in the model's longest
   *     sequence
   */
  public GenerationEvaluation evaluate(
      List<String> prompts, int textsPerPrompt, SamplingConfig sampling) {
    List<Generation> plain = write(SelectionObserver.NONE, prompts, textsPerPrompt, sampling);
    boolean memory = model.memory().isPresent();
    List<Generation> silenced =
        memory ? write(new SilencedReads(), prompts, textsPerPrompt, sampling) : List.of();
    return new GenerationEvaluation(
        prompts.size(),
        textsPerPrompt,
        sampling,
        TextStatistics.of(plain),
        memory ? TextStatistics.of(silenced) : null,
        samples(plain, textsPerPrompt),
        samples(silenced, textsPerPrompt));
  }

  private List<Generation> write(
      SelectionObserver observer, List<String> prompts, int texts, SamplingConfig sampling) {
    TextGenerator generator = new TextGenerator(model, codec, observer);
    List<Generation> written = new ArrayList<>();
    for (String prompt : prompts) {
      for (int text = 0; text < texts; text++) {
        long seed = Seeds.of(sampling.seed(), "generation of " + prompt, text);
        SamplingConfig own = sampling.toBuilder().seed(seed).build();
        written.add(generator.generate(prompt, own));
      }
    }
    return written;
  }

  private static List<Sample> samples(List<Generation> written, int textsPerPrompt) {
    List<Sample> samples = new ArrayList<>();
    for (int first = 0; first < written.size(); first += textsPerPrompt) {
      samples.add(written.get(first).reported());
    }
    return samples;
  }
}
