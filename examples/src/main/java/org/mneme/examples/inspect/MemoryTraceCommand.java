// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.util.Locale;
import org.mneme.eval.knowledge.PromptProbe;
import org.mneme.eval.knowledge.PromptReads;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.examples.Arguments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the entries that a prompt selects, and where. */
@Command(
    name = "trace",
    description = "Print the entries that a prompt selects, the weightiest first, and where.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MemoryTraceCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Option(names = "--prompt", required = true, description = "Text that the model reads.")
  private String prompt;

  @Option(names = "--entries", description = "How many entries.")
  private int entries = 10;

  @Override
  public void run() {
    Arguments.atLeast(spec, "--entries", entries, 1);
    PrintWriter out = spec.commandLine().getOut();
    try (OpenedModel opened = model.open()) {
      PromptProbe probe = new PromptProbe(opened.model(), opened.tokenizer());
      for (PromptReads read : probe.reads(prompt, entries)) {
        out.printf(
            Locale.ROOT,
            "entry %d, weight %.2f in all: %s%n",
            read.entry(),
            read.weight(),
            VisibleText.of(probe.text(read.entry())));
        Places.print(out, read.places());
      }
      out.flush();
    }
  }
}
