// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import java.io.PrintStream;
import java.util.Locale;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.ValidationReport;

/**
 * A listener of one's own: prints what the model writes after each validation. The page on watching
 * shows it.
 */
public final class SamplesWhileTraining implements TrainingListener {
  private final TextGenerator generator;
  private final String prompt;
  private final PrintStream out;

  /** Prints to {@code out} how the model continues {@code prompt}. */
  public SamplesWhileTraining(TextGenerator generator, String prompt, PrintStream out) {
    this.generator = generator;
    this.prompt = prompt;
    this.out = out;
  }

  @Override
  public void validated(ValidationReport report) {
    String text = generator.generate(prompt, SamplingConfig.greedy(20)).text();
    out.printf(Locale.ROOT, "step %d, loss %.3f: %s%n", report.step(), report.loss(), text);
  }
}
