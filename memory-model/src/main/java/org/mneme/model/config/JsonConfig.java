// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.Utf8File;

/**
 * Reads configurations from JSON or YAML and writes them as JSON. Text is YAML if the name of its
 * source ends with {@code .yaml} or {@code .yml}. Unknown keys, keys without a value and ill-typed
 * values are refused with file, line and key.
 */
public final class JsonConfig {
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_RECORD_BYTES = 256 << 20;

  // Shared by all instances: what a mapper finds out about a type takes milliseconds, and files of
  // a type are read by the thousand where runs are compared.
  private static final JsonMapper RECORDS =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .annotationIntrospector(new EnumNames())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  private static final JsonMapper CONFIGS =
      RECORDS.rebuild().addModule(ConfigParser.readers()).build();

  /**
   * Reads a configuration.
   *
   * @throws UserException if the file cannot be read or does not hold a valid {@code type}
   */
  public <T> T read(Path file, Class<T> type) {
    return parse(file.toString(), text(file), type);
  }

  /**
   * Reads a file that Mneme has written, in which keys may be null.
   *
   * @return what it holds, null if that is null
   * @throws UserException if the file cannot be read or does not hold a valid {@code type}
   */
  public <T> T readRecord(Path file, Class<T> type) {
    String source = file.toString();
    try {
      return RECORDS.readValue(Utf8File.read(file, MOST_RECORD_BYTES), type);
    } catch (JsonProcessingException e) {
      String message = ConfigTree.printable(JsonFault.explain(e));
      throw new UserException(source + JsonFault.line(e) + ": " + message, e);
    }
  }

  /**
   * Returns the text of a configuration.
   *
   * @throws UserException if the file cannot be read, is not UTF-8 or has more than 4 MiB
   */
  public static String text(Path file) {
    return Utf8File.read(file, MOST_BYTES);
  }

  /**
   * Parses a configuration. For a {@code type} of {@link JsonNode}, scalars keep the form in which
   * they were written, until they are {@linkplain #convert converted}.
   *
   * @param source where the text is from, for messages; its end tells JSON from YAML
   * @throws UserException if the text is not a valid {@code type}
   */
  public <T> T parse(String source, String text, Class<T> type) {
    String unmarked = Utf8File.withoutMark(text);
    return convert(
        isYaml(source) ? YamlTree.read(source, unmarked) : JsonTree.read(source, unmarked), type);
  }

  private static boolean isYaml(String source) {
    String name = source.toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  /**
   * Makes a configuration of a tree that a program has put together.
   *
   * @param source where the values are from, for messages
   * @throws UserException if the tree is not a valid {@code type}
   */
  public <T> T convert(String source, JsonNode tree, Class<T> type) {
    return convert(ConfigTree.of(source, tree), type);
  }

  private <T> T convert(ConfigTree tree, Class<T> type) {
    if (tree.root().isMissingNode() || PlainScalar.EMPTY.equals(tree.root())) {
      throw tree.fault(1, "is empty, expected keys and values");
    }
    if (type.isInstance(tree.root())) {
      return type.cast(tree.root());
    }
    try (ConfigParser parser = new ConfigParser(tree.root())) {
      parser.setCodec(CONFIGS);
      return CONFIGS.readValue(parser, type);
    } catch (JsonProcessingException e) {
      throw JsonFault.in(tree, KnownKeys.of(type), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a tree in memory has no input errors
    }
  }

  /**
   * Returns the value that a text on the command line means: JSON if it is a list, keys and values
   * or in quotes; else a scalar as it was written, whose meaning depends on its key.
   */
  public static JsonNode value(String text) {
    boolean structured = text.startsWith("[") || text.startsWith("{") || text.startsWith("\"");
    if (!structured) {
      return text.equals("null") ? PlainScalar.EMPTY : new PlainScalar(text);
    }
    try {
      return JsonTree.read("value", text).root();
    } catch (UserException e) {
      return TextNode.valueOf(text);
    }
  }

  /**
   * Returns the value of a text on the command line that is no JSON but a list, or keys and values,
   * as YAML writes them in a line: {@code [a.jsonl, b.jsonl]}. Empty for any other text. A caller
   * decides whether the list or the {@linkplain #value text} is meant.
   */
  public static Optional<JsonNode> flow(String text) {
    if (!(text.startsWith("[") || text.startsWith("{")) || value(text).isContainerNode()) {
      return Optional.empty();
    }
    try {
      return Optional.of(YamlTree.read("value", text).root()).filter(JsonNode::isContainerNode);
    } catch (UserException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the path of the key that is most likely meant by a key alone, such as {@code
   * train.seed} by {@code seed}; empty if no part of the configuration has such a key.
   *
   * @param type of the configuration
   */
  public static Optional<String> pathOf(Class<?> type, String key) {
    return KnownKeys.of(type).pathsOf(key).stream().findFirst();
  }

  /** Returns a configuration as a tree that can be changed. */
  public ObjectNode tree(Object config) {
    return RECORDS.valueToTree(config);
  }

  /** Writes a configuration in place of any file of this name. */
  public void write(Path file, Object config) throws IOException {
    AtomicFile.writeString(file, write(config));
  }

  /** Returns a configuration as indented JSON that ends with a line break. */
  public String write(Object config) {
    try {
      return RECORDS.writeValueAsString(config) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(config.getClass() + " cannot be written as JSON", e);
    }
  }
}
