// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;
import org.mneme.eval.knowledge.ImportReport;
import org.mneme.eval.knowledge.MemoryImport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads entries from a file and saves the model that has them. */
@Command(
    name = "import",
    description = "Set entries from JSONL, as export writes it, and save a new checkpoint.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MemoryImportCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Parameters(index = "1", paramLabel = "FILE", description = "JSONL file with entries.")
  private Path file;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Checkpoint to write; must not be there yet.")
  private Path out;

  @Override
  public void run() {
    PrintWriter console = spec.commandLine().getOut();
    try (OpenedModel opened = model.open()) {
      OpenedModel.requireNew(out);
      ImportReport report = read(opened);
      opened.saveTo(out);
      console.printf(
          Locale.ROOT,
          "%d entries read, %d changed, %d of them from their text%n",
          report.entries(),
          report.changed(),
          report.encoded());
      if (report.cut() > 0) {
        console.printf(
            Locale.ROOT, "%d texts were longer than an entry and were cut%n", report.cut());
      }
      console.println("checkpoint " + out);
      console.flush();
    }
  }

  /** Entries before a refused line are set in the model in memory, which is then not saved. */
  private ImportReport read(OpenedModel opened) {
    try {
      return new MemoryImport(opened.model(), opened.tokenizer()).read(file);
    } catch (UserException e) {
      throw new UserException(
          e.getMessage()
              + ". Nothing was written: "
              + opened.checkpoint()
              + " is as it was, and there is no "
              + out,
          e);
    }
  }
}
