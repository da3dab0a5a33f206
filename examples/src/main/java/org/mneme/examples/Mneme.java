// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.examples.bench.BenchCommand;
import org.mneme.examples.corpus.CorpusCommand;
import org.mneme.examples.experiment.TrainCommand;
import org.mneme.examples.facts.FactsCommand;
import org.mneme.examples.inspect.EvalCommand;
import org.mneme.examples.inspect.GenerateCommand;
import org.mneme.examples.inspect.MemoryCommand;
import org.mneme.examples.quickstart.QuickstartCommand;
import org.mneme.examples.record.CompareCommand;
import org.mneme.examples.record.ReportCommand;
import org.mneme.examples.study.StudyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: {@code ./mneme COMMAND}. */
@Command(
    name = "mneme",
    description = "Pretrains language models with an explicit memory.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "mneme 0.1.0-SNAPSHOT",
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      StudyCommand.class,
      EvalCommand.class,
      GenerateCommand.class,
      MemoryCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      FactsCommand.class,
      CorpusCommand.class,
      DevicesCommand.class,
      BenchCommand.class
    })
public final class Mneme implements Runnable {
  @Option(
      names = "--stack-trace",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  private boolean stackTrace;

  private final CommandLine commandLine;

  private Mneme() {
    commandLine = new CommandLine(this);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExpandAtFiles(false); // prompts and texts may begin with @
    ErrorReport errors = new ErrorReport(() -> stackTrace);
    commandLine.setExecutionExceptionHandler(errors);
    commandLine.setParameterExceptionHandler(errors);
    commandLine.setExecutionStrategy(ErrorReport::run);
    commandLine.registerConverter(Path.class, Arguments::path);
  }

  /** A command line; its exit code is 0, 2 for an error of the user, 1 for one of ours. */
  public static CommandLine commandLine() {
    return new Mneme().commandLine;
  }

  /** Runs the command that the arguments name. */
  public static void main(String[] arguments) {
    TextEncoding.useUtf8Output();
    CommandLine commandLine =
        commandLine()
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    Optional<String> damage = TextEncoding.damage(arguments);
    if (damage.isPresent()) {
      System.err.println(VisibleText.of("mneme: " + damage.get()));
      System.exit(CommandLine.ExitCode.USAGE);
    }
    int exitCode = commandLine.execute(arguments);
    commandLine.getOut().flush();
    System.exit(withOutput(exitCode));
  }

  /** Returns the exit code, or that of an error if what was printed did not arrive. */
  private static int withOutput(int exitCode) {
    if (!System.out.checkError() || exitCode != CommandLine.ExitCode.OK) {
      return exitCode;
    }
    System.err.println(
        "mneme: the output cannot be written in full: its file, disk or pipe takes no more");
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(commandLine, "no command given");
  }
}
