// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.util.Locale;
import org.mneme.eval.LossEvaluator;
import org.mneme.eval.LossResult;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.memory.statistics.UsageStatistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the loss of a model on a file and how its memory is used there. */
@Command(
    name = "eval",
    description = "Print loss and perplexity of a checkpoint on a file, and its memory's use.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class EvalCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;
  @Mixin private ModelAndText text;

  @Option(names = "--batch", description = "Sequences of a batch.")
  private int batch = 16;

  @Override
  public void run() {
    Arguments.atLeast(spec, "--batch", batch, 1);
    Texts texts = text.texts(spec);
    PrintWriter out = spec.commandLine().getOut();
    try (OpenedModel opened = text.open(device)) {
      LossEvaluator evaluator = new LossEvaluator(opened.model());
      LossResult loss = evaluator.evaluate(texts, opened.tokenizer(), batch);
      print(out, "loss", "%.4f nats a token", loss.loss());
      print(out, "perplexity", "%.2f", loss.perplexity());
      print(out, "tokens", "%,d", loss.tokens());
      loss.usage()
          .ifPresent(
              usage -> {
                double without = evaluator.withoutReads(texts, opened.tokenizer(), batch);
                print(out, "loss without reads", "%.4f nats a token", without);
                print(out, usage);
              });
      out.flush();
    }
  }

  private static void print(PrintWriter out, UsageStatistics usage) {
    print(out, "entries", "%,d", usage.entries());
    print(out, "used in any slot", "%.1f %%", 100 * usage.usedAny());
    print(out, "used in the first slot", "%.1f %%", 100 * usage.usedTop1());
    print(out, "never used", "%,d", usage.dead());
    print(out, "KL to uniform use", "%.3f nats", usage.klToUniform());
    print(out, "entropy of use", "%.3f nats", usage.entropy());
    print(out, "Gini of use", "%.3f", usage.gini());
  }

  private static void print(PrintWriter out, String name, String format, Object value) {
    out.printf(Locale.ROOT, "%-23s " + format + "%n", name, value);
  }
}
