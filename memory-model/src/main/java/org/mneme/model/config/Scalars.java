// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Meanings of scalars by the type that is expected. Forms that readers of YAML understand in
 * different ways, such as {@code 010} and {@code 1:30}, are not numbers.
 */
final class Scalars {
  private static final int LONGEST_NUMBER = 64;
  private static final Pattern WHOLE = Pattern.compile("[+-]?(0|[1-9](_?\\d)*)");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?((0|[1-9](_?\\d)*)(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern NOT_ZERO = Pattern.compile("[+-]?[0.]*[1-9].*");
  private static final Set<String> TRUE = Set.of("true", "yes", "on");
  private static final Set<String> FALSE = Set.of("false", "no", "off");

  private Scalars() {}

  /** A whole number of 32 bits; empty for anything else. */
  static Optional<Integer> wholeInt(JsonNode node) {
    return unquoted(node, WHOLE).map(Ints::tryParse);
  }

  /** A whole number of 64 bits; empty for anything else. */
  static Optional<Long> wholeLong(JsonNode node) {
    return unquoted(node, WHOLE).map(Longs::tryParse);
  }

  /** A finite number; empty for anything else, and for one so small that it would become 0. */
  static Optional<Double> number(JsonNode node) {
    return unquoted(node, NUMBER)
        .filter(
            text -> {
              double value = Double.parseDouble(text);
              return Double.isFinite(value)
                  && (value != 0 || !NOT_ZERO.matcher(text.split("[eE]", 2)[0]).matches());
            })
        .map(Double::valueOf);
  }

  /** True or false; empty for anything else. */
  static Optional<Boolean> truth(JsonNode node) {
    if (node.isBoolean()) {
      return Optional.of(node.booleanValue());
    }
    String text = node instanceof PlainScalar ? node.textValue().toLowerCase(Locale.ROOT) : "";
    return TRUE.contains(text)
        ? Optional.of(true)
        : FALSE.contains(text) ? Optional.of(false) : Optional.empty();
  }

  /** A text, or a number as it was written; empty for anything else and for damaged text. */
  static Optional<String> text(JsonNode node) {
    boolean scalar = (node.isTextual() && !PlainScalar.EMPTY.equals(node)) || node.isNumber();
    return scalar && isWhole(node.asText()) ? Optional.of(node.asText()) : Optional.empty();
  }

  /** Any value; empty where there is none. */
  static Optional<JsonNode> any(JsonNode node) {
    return PlainScalar.EMPTY.equals(node) ? Optional.empty() : Optional.of(node);
  }

  /** Whether no half of a surrogate pair is alone: such a text cannot be written to a file. */
  private static boolean isWhole(String text) {
    return text.codePoints().noneMatch(point -> point >= 0xD800 && point <= 0xDFFF);
  }

  private static Optional<String> unquoted(JsonNode node, Pattern form) {
    if (!(node instanceof PlainScalar) && !node.isNumber()) {
      return Optional.empty();
    }
    String text = node.asText();
    return text.length() <= LONGEST_NUMBER && form.matcher(text).matches()
        ? Optional.of(text.replace("_", "").replaceFirst("^\\+", ""))
        : Optional.empty();
  }
}
