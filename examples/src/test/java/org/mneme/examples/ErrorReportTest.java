// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ErrorReportTest {
  @Command(name = "fails")
  static final class Fails implements Runnable {
    private final Throwable error;

    Fails(Throwable error) {
      this.error = error;
    }

    @Override
    public void run() {
      if (error instanceof Error fatal) {
        throw fatal;
      }
      throw (RuntimeException) error;
    }
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(new OutOfMemoryError("Java heap space"), "not enough memory", 2),
        Arguments.of(new OutOfMemoryError("unable to create native thread"), "ulimit -u", 2),
        Arguments.of(new StackOverflowError(), "nested too deeply", 2),
        Arguments.of(new NoClassDefFoundError("org/x/Y"), "a class is missing: org/x/Y", 2),
        Arguments.of(new UnsatisfiedLinkError("no x in path"), "no x in path", 2),
        Arguments.of(
            new InternalError("a fault occurred in a recent unsafe memory access operation"),
            "a file became shorter",
            2),
        Arguments.of(new IllegalStateException(new OutOfMemoryError("x")), "not enough memory", 2),
        Arguments.of(new InvalidPathException("a\0b", "Nul character"), "the name of a file", 2),
        Arguments.of(
            new UncheckedIOException(new IOException("No space left on device")),
            "a file cannot be read or written: No space left on device; check the space",
            2),
        Arguments.of(new AssertionError("ours"), "\tat org.mneme", 1),
        Arguments.of(new IllegalStateException("ours"), "\tat org.mneme", 1));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void errorsOfTheMachineAreReportedInWords(Throwable error, String message, int exitCode) {
    StringWriter err = new StringWriter();
    CommandLine command =
        new CommandLine(new Fails(error))
            .setErr(new PrintWriter(err))
            .setExecutionStrategy(ErrorReport::run)
            .setExecutionExceptionHandler(new ErrorReport(() -> false));
    assertThat(command.execute()).isEqualTo(exitCode);
    assertThat(err.toString()).contains(message);
    assertThat(err.toString().contains("\tat ")).isEqualTo(exitCode == 1);
  }

  /** Contents of files must not move the cursor, colour the text or set the title of a window. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void controlCharactersOfContentsAreShownAsEscapes(boolean stackTrace) {
    StringWriter err = new StringWriter();
    String evil = "a\u001B]0;title\u0007\u009B31m\rb\u202E.jsonl";
    for (Throwable error :
        new Throwable[] {
          new UserException(evil),
          new IllegalStateException(evil),
          new UncheckedIOException(new NoSuchFileException(evil))
        }) {
      CommandLine command =
          new CommandLine(new Fails(error))
              .setErr(new PrintWriter(err))
              .setExecutionStrategy(ErrorReport::run)
              .setParameterExceptionHandler(new ErrorReport(() -> stackTrace))
              .setExecutionExceptionHandler(new ErrorReport(() -> stackTrace));
      command.execute();
      command.execute("--" + evil);
    }
    assertThat(err.toString())
        .contains("\\u001B]0;title\\u0007\\u009B31m\\u000Db\\u202E.jsonl")
        .doesNotContain("\u001B", "\u0007", "\u009B", "\r", "\u202E");
  }
}
