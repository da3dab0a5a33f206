// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import org.mneme.eval.SilencedReads;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.model.layers.SelectionObserver;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lets a model continue a prompt. */
@Command(
    name = "generate",
    description = "Continue a prompt, printing tokens as they are chosen.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class GenerateCommand implements Runnable {
  private static final SamplingConfig DEFAULTS = SamplingConfig.builder().build();

  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Option(names = "--prompt", description = "Text to continue.")
  private String prompt = "";

  @Option(names = "--temperature", description = "0 takes the likeliest token.")
  private double temperature = DEFAULTS.temperature();

  @Option(names = "--top-k", description = "Choose among the K likeliest tokens; 0: no limit.")
  private int topK = DEFAULTS.topK();

  @Option(names = "--top-p", description = "Choose among the likeliest tokens of this total.")
  private double topP = DEFAULTS.topP();

  @Option(names = "--repetition-penalty", description = "Over 1 makes repeated tokens rarer.")
  private double repetitionPenalty = DEFAULTS.repetitionPenalty();

  @Option(names = "--seed", description = "Seed of the choices.")
  private long seed = DEFAULTS.seed();

  @Option(names = "--max-tokens", description = "Most tokens to add.")
  private int maxTokens = DEFAULTS.maxTokens();

  @Option(names = "--ignore-end", description = "Go on behind the end token.")
  private boolean ignoreEnd;

  @Option(names = "--without-reads", description = "Set all that the memory gives to zero.")
  private boolean withoutReads;

  @Override
  public void run() {
    SamplingConfig sampling =
        SamplingConfig.builder()
            .temperature(temperature)
            .topK(topK)
            .topP(topP)
            .repetitionPenalty(repetitionPenalty)
            .seed(seed)
            .maxTokens(maxTokens)
            .stopAtEnd(!ignoreEnd)
            .build();
    PrintWriter out = spec.commandLine().getOut();
    try (OpenedModel opened = model.open()) {
      out.print(VisibleText.of(prompt));
      SelectionObserver observer = withoutReads ? new SilencedReads() : SelectionObserver.NONE;
      new TextGenerator(opened.model(), opened.tokenizer(), observer)
          .generate(
              prompt,
              sampling,
              (token, text) -> {
                out.print(VisibleText.of(text));
                out.flush();
              });
      out.println();
      out.flush();
    }
  }
}
