// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The encoding of the command line: UTF-8 under every locale. Java reads arguments and file names
 * in the encoding of the locale and replaces what that does not have: under {@code LC_ALL=C} an
 * edited memory entry was once saved as question marks.
 */
public final class TextEncoding {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final String REMEDY = "; start with ./mneme, or set LC_ALL=C.UTF-8";

  private TextEncoding() {}

  /** Makes the standard output and error streams UTF-8. */
  public static void useUtf8Output() {
    System.setOut(utf8(FileDescriptor.out));
    System.setErr(utf8(FileDescriptor.err));
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor)), true, StandardCharsets.UTF_8);
  }

  /** Returns what is wrong if Java has damaged the arguments before it passed them on. */
  static Optional<String> damage(String[] arguments) {
    return damage(arguments, ofFileNames(), isUtf8() ? new byte[0] : typed());
  }

  /**
   * Returns what is wrong with arguments.
   *
   * @param encoding in which Java has read them
   * @param typed the arguments as the system has them, each followed by 0; empty if they were read
   *     as UTF-8 or are not known
   */
  static Optional<String> damage(String[] arguments, String encoding, byte[] typed) {
    for (String argument : arguments) {
      if (argument.indexOf('\uFFFD') >= 0) {
        return Optional.of(
            "argument '"
                + argument
                + "' has bytes that are not "
                + encoding
                + " or the character U+FFFD, which replaces such bytes: expected UTF-8"
                + REMEDY);
      }
    }
    int ended = 0;
    for (int at = typed.length - 1; at >= 0 && ended <= arguments.length; at--) {
      ended += typed[at] == 0 ? 1 : 0;
      if (typed[at] < 0 && ended <= arguments.length) {
        String argument = arguments[arguments.length - ended];
        return Optional.of(
            "argument '"
                + argument
                + "' has characters that Java cannot read as "
                + encoding
                + ", the encoding of the locale: expected UTF-8"
                + REMEDY);
      }
    }
    return Optional.empty();
  }

  /** Returns how to name a file that Java cannot name in this locale; empty text under UTF-8. */
  static String remedy() {
    return isUtf8()
        ? ""
        : ": Java reads file names as " + ofFileNames() + ", the encoding of the locale" + REMEDY;
  }

  private static boolean isUtf8() {
    return StandardCharsets.UTF_8.name().equalsIgnoreCase(ofFileNames());
  }

  private static String ofFileNames() {
    return System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name());
  }

  private static byte[] typed() {
    try {
      return Files.readAllBytes(COMMAND_LINE);
    } catch (IOException e) {
      return new byte[0]; // only Linux has it, and only Linux has locales that are not UTF-8
    }
  }
}
