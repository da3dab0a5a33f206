// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts messages of the JSON parser into words without names of its classes and options. */
final class ParserMessage {
  private static final Pattern COERCED =
      Pattern.compile("^Cannot coerce [\\w-]+ value \\((.*)\\) to .*$", Pattern.DOTALL);
  private static final Pattern ABSENT =
      Pattern.compile("^(Cannot map `null`|Cannot coerce `null`|Null value ).*$", Pattern.DOTALL);
  private static final Pattern EMPTY =
      Pattern.compile("^Cannot coerce empty String .*$", Pattern.DOTALL);
  private static final Pattern TRAILING = Pattern.compile("^Trailing token .*$", Pattern.DOTALL);
  private static final Pattern OF_KIND =
      Pattern.compile(" from (?<kind>[\\w-]+) value\\b", Pattern.DOTALL);
  private static final Map<String, String> KINDS =
      Map.of(
          "Array", "a list",
          "Object", "keys and values",
          "String", "a text",
          "Integer", "a whole number",
          "Floating-point", "a number",
          "Boolean", "true or false");

  /** What the parser adds of itself: places in its sources, its options, its limits by name. */
  private static final Pattern ASIDE =
      Pattern.compile(
          "( \\((start marker at|for|but might|not recognized).*|: enable `.*)$", Pattern.DOTALL);

  private static final Pattern CODE = Pattern.compile(" \\(code \\d+\\)");
  private static final Pattern LIMIT = Pattern.compile(", from `[^`]*`");
  private static final Pattern TYPE = Pattern.compile("`[^`]*`");

  private ParserMessage() {}

  /** Returns what was found in place of a value of another type. */
  static String ofValue(String message) {
    Matcher coerced = COERCED.matcher(message);
    if (coerced.matches()) {
      return coerced.group(1);
    }
    if (ABSENT.matcher(message).matches()) {
      return "nothing";
    }
    if (EMPTY.matcher(message).matches()) {
      return "\"\"";
    }
    if (TRAILING.matcher(message).matches()) {
      return "text after the end";
    }
    Matcher kind = OF_KIND.matcher(message);
    return kind.find()
        ? KINDS.getOrDefault(kind.group("kind"), "a value of another type")
        : "a value of another type";
  }

  /** Returns what is wrong with a text that is not well formed. */
  static String ofText(String message) {
    String stripped = LIMIT.matcher(ASIDE.matcher(message).replaceFirst("")).replaceAll("");
    stripped = CODE.matcher(stripped).replaceFirst("");
    return TYPE.matcher(stripped).replaceAll("the type of its key");
  }
}
