// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.record;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mneme.eval.record.RunComparison;
import org.mneme.eval.report.document.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares many runs. */
@Command(
    name = "compare",
    description = {
      "Compare runs: loss at equal tokens and at equal computation, knock-out, facts, use of the"
          + " memory, speed. Runs that differ in their seed only are one row, with mean and"
          + " standard deviation. Prints Markdown."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "Folders of runs, or folders that hold such folders.")
  private List<Path> runs;

  @Option(names = "--title", description = "Heading.")
  private String title = "Comparison of runs";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for comparison.md and comparison.html in place of printing.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Document document = new RunComparison(title, RunFolders.read(runs)).document();
    PrintWriter console = spec.commandLine().getOut();
    if (out == null) {
      console.print(document.markdown());
    } else {
      Path html = out.resolve("comparison.html");
      document.writeMarkdown(out.resolve("comparison.md"));
      document.writeHtml(html);
      console.printf("comparison: %s%n", html.toAbsolutePath());
    }
    console.flush();
    return 0;
  }
}
