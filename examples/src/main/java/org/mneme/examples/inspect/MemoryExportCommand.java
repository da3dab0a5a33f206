// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.mneme.eval.LossEvaluator;
import org.mneme.eval.knowledge.MemoryExport;
import org.mneme.memory.Codebook;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.io.FileFault;
import org.mneme.train.data.text.JsonlSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a memory to a file that a person can read and change. */
@Command(
    name = "export",
    description = "Write all entries as JSONL: number, text and tokens, or vector.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MemoryExportCommand implements Runnable {
  private static final int BATCH = 16;

  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  private Path out;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "JSONL file on which the entries' use is counted and told.")
  private Path text;

  @Override
  public void run() {
    PrintWriter console = spec.commandLine().getOut();
    try (OpenedModel opened = model.open()) {
      MemoryExport export = new MemoryExport(opened.model(), opened.tokenizer());
      int entries = export.write(out, usage(opened));
      console.printf(Locale.ROOT, "%d entries in %s%n", entries, out);
      console.flush();
    } catch (IOException e) {
      throw FileFault.cannotBe(out, "written", e);
    }
  }

  /** With all entries in its list. */
  private Optional<UsageStatistics> usage(OpenedModel opened) {
    if (text == null) {
      return Optional.empty();
    }
    int entries = opened.model().memory().map(Codebook::entries).orElseThrow();
    return new LossEvaluator(opened.model(), entries)
        .evaluate(new Texts(new JsonlSource(text)), opened.tokenizer(), BATCH)
        .usage();
  }
}
