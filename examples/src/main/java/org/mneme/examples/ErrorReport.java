// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mneme.compute.UserException;
import org.mneme.train.TrainingStoppedException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints an error that the user can mend, and one of the file system, as its message alone (exit
 * code 2), any other with its stack trace (exit code 1). A training that was stopped is no error
 * (exit code 130).
 */
final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final BooleanSupplier stackTrace;

  ErrorReport(BooleanSupplier stackTrace) {
    this.stackTrace = stackTrace;
  }

  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    if (error instanceof TrainingStoppedException stopped) {
      err.println("mneme: " + stopped.getMessage());
      err.flush();
      return StopSignals.EXIT_CODE;
    }
    Optional<String> told = told(error);
    boolean ofTheUser = told.isPresent();
    told.ifPresent(message -> err.println("mneme: " + message));
    if (!ofTheUser || stackTrace.getAsBoolean()) {
      error.printStackTrace(err);
    }
    err.flush();
    return ofTheUser ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }

  /** What the user is told of an error that can be mended; empty for one of ours. */
  private static Optional<String> told(Exception error) {
    if (error instanceof UserException) {
      return Optional.of(error.getMessage());
    }
    Throwable cause = error instanceof UncheckedIOException ? error.getCause() : error;
    return cause instanceof FileSystemException file
        ? Optional.of(file.getFile() + ": " + reason(file))
        : Optional.empty();
  }

  /** The system's own words, where the exception does not say it by its type alone. */
  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission to read or write it";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "is there already, expected a folder or nothing";
    }
    return "cannot be read or written: " + e.getReason();
  }

  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    CommandLine command = error.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("mneme: " + error.getMessage());
    if (command.getParent() == null) {
      UnmatchedArgumentException.printSuggestions(error, err);
      command.usage(err);
    } else {
      err.println("Try './" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    if (stackTrace.getAsBoolean()) {
      error.printStackTrace(err);
    }
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }
}
