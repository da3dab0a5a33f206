// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.RunConfig;

/**
 * The configuration of a run: a file or a published one, then overrides, then data files.
 *
 * @param run the outcome
 */
record ConfiguredRun(RunConfig run) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * Puts a configuration together.
   *
   * @param system the published one to begin with if there is no file
   * @param file a JSON file, or null
   * @param overrides {@code part.key=value}
   * @param data JSONL files that replace those of the configuration; none to keep them
   * @throws UserException naming what is wrong
   */
  static ConfiguredRun of(
      PublishedSystem system, Path file, List<String> overrides, List<Path> data) {
    JsonConfig configs = new JsonConfig();
    RunConfig base = file == null ? PublishedRuns.of(system) : configs.read(file, RunConfig.class);
    if (overrides.isEmpty() && data.isEmpty()) {
      return new ConfiguredRun(base);
    }
    ObjectNode tree = tree(configs.write(base));
    overrides.forEach(override -> set(tree, override));
    if (!data.isEmpty()) {
      ObjectNode part = tree.withObject("/data");
      part.putArray("files").addAll(data.stream().map(path -> text(path)).toList());
    }
    String source =
        file == null ? "published " + system.id() + " with --set" : file + " with --set";
    return new ConfiguredRun(configs.parse(source, tree.toString(), RunConfig.class));
  }

  private static JsonNode text(Path path) {
    return MAPPER.getNodeFactory().textNode(path.toString());
  }

  private static ObjectNode tree(String json) {
    try {
      return (ObjectNode) MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void set(ObjectNode tree, String override) {
    int equals = override.indexOf('=');
    int dot = override.indexOf('.');
    if (equals < 0 || dot < 0 || dot > equals) {
      throw new UserException(
          "--set " + override + ": expected part.key=value, such as train.max_steps=100");
    }
    String part = override.substring(0, dot);
    String key = override.substring(dot + 1, equals);
    JsonNode section = tree.get(part);
    if (!(section instanceof ObjectNode)) {
      throw new UserException(
          "--set " + override + ": no part '" + part + "', expected model, train or data");
    }
    ((ObjectNode) section).set(key, value(override.substring(equals + 1)));
  }

  /** JSON where it is JSON, else a string: {@code --set model.memory_store=learned}. */
  private static JsonNode value(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return MAPPER.getNodeFactory().textNode(text);
    }
  }
}
