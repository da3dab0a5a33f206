// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.io.PrintWriter;
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
 * Prints an error that the user can mend as its message alone (exit code 2), any other with its
 * stack trace (exit code 1). A training that was stopped is no error (exit code 130).
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
    boolean ofTheUser = error instanceof UserException;
    if (ofTheUser) {
      err.println("mneme: " + error.getMessage());
    }
    if (!ofTheUser || stackTrace.getAsBoolean()) {
      error.printStackTrace(err);
    }
    err.flush();
    return ofTheUser ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
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
