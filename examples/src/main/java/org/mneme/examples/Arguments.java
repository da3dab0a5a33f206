// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** What a user typed behind a command. */
public final class Arguments {
  private static final Pattern PLAIN = Pattern.compile("[\\w./:=,@%+-]+");

  private Arguments() {}

  /**
   * Refuses a value that is too small.
   *
   * @throws ParameterException naming the option, what was found and what was expected
   */
  public static void atLeast(CommandSpec command, String option, long found, long least) {
    if (found < least) {
      throw new ParameterException(
          command.commandLine(), option + " is " + found + ", expected at least " + least);
    }
  }

  /**
   * Returns a path.
   *
   * @throws TypeConversionException if no file can have this name, saying why
   */
  static Path path(String typed) {
    try {
      return Path.of(typed);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "found '" + typed + "', which cannot be a path (" + e.getReason() + ")");
    }
  }

  /** The whole line to type into a shell to get the same again. */
  public static String line(CommandSpec command) {
    return line(command.commandLine().getParseResult().originalArgs());
  }

  /** The line to type to run Mneme with these arguments. */
  public static String line(List<String> arguments) {
    return arguments.stream()
        .map(Arguments::quoted)
        .collect(Collectors.joining(" ", "./mneme ", ""));
  }

  /** An argument as a shell takes it for one. */
  public static String quoted(String argument) {
    return PLAIN.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
