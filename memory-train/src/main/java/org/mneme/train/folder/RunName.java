// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import java.nio.charset.StandardCharsets;
import org.mneme.compute.UserException;

/** Names of runs, from which the names of their folders are made. */
public final class RunName {
  /** File systems allow 255 bytes; the time and a number follow the name. */
  private static final int LONGEST = 200;

  private RunName() {}

  /**
   * Returns a name that stays inside the folder of runs.
   *
   * @throws UserException if the name is blank, leads to another folder, starts with {@code .} or
   *     {@code -}, has characters that cannot be seen, or is longer than 200 bytes
   */
  public static String require(String name) {
    if (name.isBlank() || !name.equals(name.strip())) {
      throw wrong(name, "a name without spaces at its ends");
    }
    if (name.startsWith(".") || name.startsWith("-")) {
      throw wrong(name, "a name that does not start with '" + name.charAt(0) + "'");
    }
    if (name.contains("/") || name.contains("\\")) {
      throw wrong(name, "a name, not a path; --runs names the folder");
    }
    if (name.codePoints().anyMatch(RunName::isHidden)) {
      throw wrong(name, "a name of characters that can be seen");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw wrong(name, "at most " + LONGEST + " bytes");
    }
    return name;
  }

  private static boolean isHidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> point == '\uFFFD';
    };
  }

  private static UserException wrong(String name, String expected) {
    String shown = name.codePoints().anyMatch(RunName::isHidden) ? "with hidden characters" : name;
    return new UserException("name of the run: found '" + shown + "', expected " + expected);
  }
}
