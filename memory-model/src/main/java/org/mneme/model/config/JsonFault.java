// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.google.common.primitives.Primitives;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mneme.compute.UserException;

/** What is wrong with a configuration, in words for who wrote it and not for who parses it. */
final class JsonFault {
  private static final int SHOWN = 60;

  private JsonFault() {}

  /** The error in a configuration that was read into a tree, with line, key and value. */
  static UserException in(ConfigTree tree, KnownKeys keys, JsonProcessingException e) {
    List<String> path = e instanceof JsonMappingException mapping ? path(mapping) : List.of();
    String message = ConfigTree.printable(explain(tree, keys, path, e));
    return new UserException(tree.where(path) + ": " + message, e);
  }

  private static String explain(
      ConfigTree tree, KnownKeys keys, List<String> path, JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return unknownKey(unknown, keys);
    }
    if (e instanceof MismatchedInputException mismatched && e.getCause() == null) {
      return mismatch(String.join(".", path), tree.at(path), mismatched.getTargetType());
    }
    if (e.getCause() instanceof UserException cause) {
      boolean element = !path.isEmpty() && path.get(path.size() - 1).startsWith("[");
      return (element ? String.join(".", path) + ": " : "") + cause.getMessage();
    }
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return instantiation(path, e.getCause());
    }
    return "key '" + String.join(".", path) + "': found " + shown(tree.at(path));
  }

  /** What a record said of its components: the name of one that is missing, or a sentence. */
  private static String instantiation(List<String> path, Throwable cause) {
    String said = String.valueOf(cause.getMessage());
    String key = path.isEmpty() ? "" : String.join(".", path) + ": ";
    if (cause instanceof NullPointerException) {
      boolean named = said.matches("\\w+") && !said.equals("null");
      return key + (named ? said : "an element") + " is missing: expected a value";
    }
    return key + said;
  }

  private static String mismatch(String key, JsonNode found, Class<?> type) {
    if (PlainScalar.EMPTY.equals(found)) {
      return key + " is empty" + expected(type).replaceFirst(",", ":");
    }
    if (found.isMissingNode()) {
      return "key '" + key + "' is missing" + expected(type);
    }
    return (key.isEmpty() ? "" : "key '" + key + "': ")
        + "found "
        + shown(found)
        + expected(type)
        + hint(found, type);
  }

  /** What to write for a scalar of the wrong form, if that is likely. */
  private static String hint(JsonNode found, Class<?> type) {
    if (type == null || !found.isTextual()) {
      return "";
    }
    return found instanceof PlainScalar ? actionHint(found.asText(), type) : quoteHint(found, type);
  }

  private static String quoteHint(JsonNode found, Class<?> type) {
    JsonNode unquoted = new PlainScalar(found.asText());
    Class<?> boxed = Primitives.wrap(type);
    boolean meant =
        boxed == Boolean.class
            ? Scalars.truth(unquoted).isPresent()
            : Number.class.isAssignableFrom(boxed) && Scalars.number(unquoted).isPresent();
    return meant ? " without quotes" : "";
  }

  /** Parts such as spike_guard have an action, for which the part itself is easily taken. */
  private static String actionHint(String found, Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().equals("action"))
        .flatMap(
            method ->
                Stream.concat(
                    Stream.of(method.getReturnType()), Stream.of(method.getParameterTypes())))
        .filter(Class::isEnum)
        .flatMap(action -> Arrays.stream(action.getEnumConstants()))
        .map(action -> ((Enum<?>) action).name().toLowerCase(Locale.ROOT))
        .filter(action -> action.equals(actionOf(found)))
        .map(action -> ", such as {action: " + action + "}")
        .findFirst()
        .orElse("");
  }

  private static String actionOf(String found) {
    Optional<Boolean> truth = Scalars.truth(new PlainScalar(found));
    return truth.map(on -> on ? "warn" : "off").orElse(found.toLowerCase(Locale.ROOT));
  }

  private static String shown(JsonNode node) {
    if (node.isArray()) {
      return "a list";
    }
    if (node.isObject()) {
      return "keys and values";
    }
    String text = shortened(node.asText());
    boolean quoted =
        node instanceof PlainScalar plain ? !plain.isNumberOrBoolean() : node.isTextual();
    return quoted ? "\"" + text + "\"" : text;
  }

  private static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }

  /** A colon and the number of the line, if it is known. */
  static String line(JsonProcessingException e) {
    boolean known = e.getLocation() != null && e.getLocation().getLineNr() > 0;
    return known ? ":" + e.getLocation().getLineNr() : "";
  }

  /** The fault, with the key if there is one, what was found and what was expected. */
  static String explain(JsonProcessingException e) {
    if (e.getCause() instanceof UserException cause) {
      return cause.getMessage();
    }
    if (e instanceof ValueInstantiationException instantiation && e.getCause() != null) {
      return instantiation(path(instantiation), e.getCause());
    }
    if (e instanceof UnrecognizedPropertyException unknown) {
      return unknownKey(unknown, KnownKeys.NONE);
    }
    if (e instanceof MismatchedInputException mismatched) {
      return mismatch(mismatched);
    }
    return "not well formed: " + ParserMessage.ofText(e.getOriginalMessage());
  }

  private static String mismatch(MismatchedInputException e) {
    if (e.getPath().isEmpty() && e.getOriginalMessage().startsWith("No content")) {
      return "is empty, expected keys and values";
    }
    return "key '" + key(e) + "': " + found(e) + expected(e.getTargetType());
  }

  private static String found(MismatchedInputException e) {
    if (e instanceof InvalidFormatException invalid) {
      return "found \"" + shortened(String.valueOf(invalid.getValue())) + "\"";
    }
    return "found " + shortened(ParserMessage.ofValue(e.getOriginalMessage()));
  }

  private static String expected(Class<?> type) {
    if (type == null) {
      return "";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(value -> ((Enum<?>) value).name().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", ", ", expected one of ", ""));
    }
    Class<?> boxed = Primitives.wrap(type);
    if (Number.class.isAssignableFrom(boxed)) {
      boolean fraction = boxed == Double.class || boxed == Float.class;
      return fraction ? ", expected a number" : ", expected a whole number";
    }
    if (boxed == Boolean.class) {
      return ", expected true or false";
    }
    if (type == String.class) {
      return ", expected text";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return ", expected a list, such as [a, b]";
    }
    return ", expected keys and values";
  }

  private static String unknownKey(UnrecognizedPropertyException e, KnownKeys keys) {
    String unknown = e.getPropertyName();
    if (unknown.length() > SHOWN) {
      return "unknown key '" + shortened(unknown) + "'";
    }
    List<String> known = e.getKnownPropertyIds().stream().map(Object::toString).toList();
    return "unknown key '" + unknown + "'" + keys.question(unknown, known);
  }

  private static String key(JsonMappingException e) {
    return String.join(".", path(e));
  }

  private static List<String> path(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            reference ->
                reference.getFieldName() == null
                    ? ConfigTree.index(reference.getIndex())
                    : reference.getFieldName())
        .toList();
  }
}
