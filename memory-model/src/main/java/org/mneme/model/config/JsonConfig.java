// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;

/**
 * Reads configurations from JSON or YAML and writes them as JSON. Text is YAML if the name of where
 * it is from ends with {@code .yaml} or {@code .yml}. Unknown keys and ill-typed values are refused
 * with file, line and key.
 */
public final class JsonConfig {
  private final ObjectMapper json = strict(JsonMapper.builder()).build();
  private final ObjectMapper yaml = strict(YAMLMapper.builder()).build();

  private static <B extends MapperBuilder<?, B>> B strict(B builder) {
    return builder
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .annotationIntrospector(new EnumNames())
        .enable(SerializationFeature.INDENT_OUTPUT)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS);
  }

  /**
   * Reads a configuration.
   *
   * @throws UserException if the file cannot be read or does not hold a valid {@code type}
   */
  public <T> T read(Path file, Class<T> type) {
    return parse(file.toString(), text(file), type);
  }

  /**
   * The text of a configuration.
   *
   * @throws UserException if the file cannot be read
   */
  public static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new UserException(file + ": no such file", e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e + ")", e);
    }
  }

  /**
   * Parses a configuration.
   *
   * @param source where the text is from, for messages; its end tells JSON from YAML
   * @throws UserException if the text is not a valid {@code type}
   */
  public <T> T parse(String source, String text, Class<T> type) {
    try {
      return (isYaml(source) ? yaml : json).readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new UserException(source + JsonFault.line(e) + ": " + JsonFault.explain(e), e);
    }
  }

  private static boolean isYaml(String source) {
    return source.endsWith(".yaml") || source.endsWith(".yml");
  }

  /**
   * Makes a configuration of JSON that a program has put together.
   *
   * @param source where the values are from, for messages
   * @throws UserException if the tree is not a valid {@code type}
   */
  public <T> T convert(String source, JsonNode tree, Class<T> type) {
    try {
      return json.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new UserException(source + JsonFault.line(e) + ": " + JsonFault.explain(e), e);
    }
  }

  /** A configuration as a tree that can be changed. */
  public ObjectNode tree(Object config) {
    return json.valueToTree(config);
  }

  /** Writes a configuration in place of any file of this name. */
  public void write(Path file, Object config) throws IOException {
    AtomicFile.writeString(file, write(config));
  }

  /** A configuration as indented JSON that ends with a line break. */
  public String write(Object config) {
    try {
      return json.writeValueAsString(config) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(config.getClass() + " cannot be written as JSON", e);
    }
  }
}
