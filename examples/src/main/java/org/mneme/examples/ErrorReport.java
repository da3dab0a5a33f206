// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mneme.compute.UserException;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.examples.experiment.StoppedRun;
import org.mneme.model.io.FileFault;
import org.mneme.train.TrainingStoppedException;
import org.mneme.train.folder.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints an error that the user can mend, and one of the file system, as its message alone (exit
 * code 2), any other with its stack trace (exit code 1). A training that was stopped is no error
 * (exit code 130).
 */
final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorReport.class);

  private final BooleanSupplier stackTrace;

  ErrorReport(BooleanSupplier stackTrace) {
    this.stackTrace = stackTrace;
  }

  /** Runs the command; an {@link Error} is reported as an exception is. */
  static int run(ParseResult result) {
    try {
      return new RunLast().execute(result);
    } catch (Error e) {
      throw new ExecutionException(result.commandSpec().commandLine(), e.toString(), e);
    }
  }

  @Override
  public int handleExecutionException(Exception given, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    Throwable error =
        given instanceof ExecutionException && given.getCause() != null ? given.getCause() : given;
    Optional<String> end = end(error);
    if (end.isPresent()) {
      err.println(VisibleText.of("mneme: " + end.get()));
      err.flush();
      return StopSignals.EXIT_CODE;
    }
    Optional<String> told = told(error);
    boolean ofTheUser = told.isPresent();
    told.ifPresent(message -> err.println(VisibleText.of("mneme: " + message)));
    if (!ofTheUser || stackTrace.getAsBoolean()) {
      printStackTrace(error, err);
    }
    err.flush();
    return ofTheUser ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }

  /** Returns what is said of work that ended on request; empty for an error. */
  private static Optional<String> end(Throwable error) {
    if (error instanceof TrainingStoppedException stopped) {
      return Optional.of(stopped.getMessage() + resume(new RunFolder(stopped.run())));
    }
    return error instanceof StoppedException ? Optional.of(error.getMessage()) : Optional.empty();
  }

  private static String resume(RunFolder folder) {
    try {
      return StoppedRun.of(folder).resume();
    } catch (UserException e) {
      LOG.warn("it cannot be resumed: {}", e.getMessage());
      return "";
    }
  }

  /** Its messages may hold contents of files, whose control characters must not act. */
  private static void printStackTrace(Throwable error, PrintWriter err) {
    err.print(VisibleText.of(Throwables.getStackTraceAsString(error).replace("\r\n", "\n")));
  }

  /** What the user is told of an error that can be mended; empty for one of ours. */
  private static Optional<String> told(Throwable error) {
    if (error instanceof UserException) {
      return Optional.of(error.getMessage());
    }
    if (error instanceof InvalidPathException path) {
      String reason = "cannot be the name of a file (" + path.getReason() + ")";
      return Optional.of(path.getInput() + ": " + reason + TextEncoding.remedy());
    }
    Optional<String> ofTheMachine =
        Throwables.getCausalChain(error).stream()
            .filter(Error.class::isInstance)
            .findFirst()
            .flatMap(ErrorReport::ofTheMachine);
    if (ofTheMachine.isPresent()) {
      return ofTheMachine;
    }
    Throwable cause = error instanceof UncheckedIOException ? error.getCause() : error;
    if (cause instanceof FileSystemException file) {
      return Optional.of(file.getFile() + ": " + FileFault.reason(file));
    }
    // A full disk, or one that fails, has no exception of its own and no name of a file.
    return cause instanceof IOException io
        ? Optional.of(
            "a file cannot be read or written: "
                + FileFault.reason(io)
                + "; check the space on the disks that the command uses")
        : Optional.empty();
  }

  /** Returns what a user can do about an error of the machine or of the files it runs from. */
  private static Optional<String> ofTheMachine(Throwable error) {
    String message = String.valueOf(error.getMessage());
    if (error instanceof OutOfMemoryError) {
      return Optional.of(
          message.contains("thread")
              ? "the system starts no more threads: " + message + "; raise ulimit -u"
              : "not enough memory in the Java heap, whose limit is "
                  + (Runtime.getRuntime().maxMemory() >> 20)
                  + " MiB: "
                  + message
                  + "; raise it with JDK_JAVA_OPTIONS=-Xmx8g, or lower the sizes asked for");
    }
    if (error instanceof StackOverflowError) {
      return Optional.of(
          "an input is nested too deeply: the Java stack is full; raise it with"
              + " JDK_JAVA_OPTIONS=-Xss16m");
    }
    if (error instanceof UnsatisfiedLinkError) {
      return Optional.of("a native library cannot be loaded: " + message);
    }
    if (error instanceof NoClassDefFoundError) {
      return Optional.of(
          "a class is missing: "
              + message
              + "; expected the classes that the process started with, which something has"
              + " removed: start again");
    }
    return error instanceof InternalError && message.contains("memory access")
        ? Optional.of(
            "a file became shorter, or its disk failed, while it was read: "
                + message
                + "; check the disk and the files of data and checkpoints")
        : Optional.empty();
  }

  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    CommandLine command = error.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(VisibleText.of("mneme: " + error.getMessage()));
    if (command.getParent() == null) {
      UnmatchedArgumentException.printSuggestions(error, err);
      command.usage(err);
    } else {
      err.println("Try './" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    if (stackTrace.getAsBoolean()) {
      printStackTrace(error, err);
    }
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }
}
