// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.record;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mneme.eval.record.RecordedRun;
import org.mneme.eval.record.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the record of a run. */
@Command(
    name = "report",
    description = {
      "Write the record of a run as report.md and report.html: question, decisions, results against"
          + " goals, curves, memory, samples, settings, environment. Also of a run that goes on or"
          + " was interrupted."
    },
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "Folder of the run.")
  private Path run;

  @Option(
      names = "--baseline",
      paramLabel = "RUN",
      arity = "1..*",
      description =
          "Runs to compare with, or folders of runs; those of the same configuration but for the"
              + " seed count as one, with their spread (default: the baseline that the run's"
              + " configuration names, if it lies beside the run).")
  private List<Path> baselines = new ArrayList<>();

  @Option(names = "--out", paramLabel = "DIR", description = "Where to write (default: RUN).")
  private Path out;

  @Override
  public Integer call() throws IOException {
    RecordedRun recorded = RecordedRun.read(run);
    Path folder = out == null ? run : out;
    List<RecordedRun> others =
        baselines.isEmpty()
            ? RunFolders.baselines(run, recorded.baseline())
            : RunFolders.read(baselines);
    new RunRecord(recorded, others).write(folder);
    PrintWriter console = spec.commandLine().getOut();
    console.printf("report: %s%n", folder.resolve(RunRecord.HTML).toAbsolutePath());
    console.flush();
    return 0;
  }
}
