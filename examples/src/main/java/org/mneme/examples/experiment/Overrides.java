// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.RunConfig;

/**
 * Single values of a configuration that were typed on the command line.
 *
 * @param values each {@code part.key=value}, such as {@code train.max_steps=100}
 */
record Overrides(List<String> values) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * The configuration with these values in place of its own.
   *
   * @throws UserException naming the value that is wrong
   */
  RunConfig applyTo(RunConfig run) {
    if (values.isEmpty()) {
      return run;
    }
    JsonConfig configs = new JsonConfig();
    ObjectNode tree = configs.tree(run);
    values.forEach(value -> set(tree, value));
    return configs.convert("--set " + String.join(" --set ", values), tree, RunConfig.class);
  }

  private static void set(ObjectNode tree, String override) {
    int equals = override.indexOf('=');
    int dot = override.indexOf('.');
    if (equals < 0 || dot < 0 || dot > equals) {
      throw new UserException(
          "--set " + override + ": expected part.key=value, such as train.max_steps=100");
    }
    String part = override.substring(0, dot);
    if (!(tree.get(part) instanceof ObjectNode section)) {
      throw new UserException(
          "--set " + override + ": unknown part '" + part + "', expected model, train or data");
    }
    section.set(override.substring(dot + 1, equals), value(override.substring(equals + 1)));
  }

  /** JSON where it is JSON, else a string: {@code --set model.memory_store=learned}. */
  private static JsonNode value(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return json.isMissingNode() ? TextNode.valueOf(text) : json;
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(text);
    }
  }
}
