// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mneme.compute.UserException;

/**
 * A configuration before its values have types: keys, lists and scalars as written, with the line
 * of each key. Its size is bounded, so that no text can exhaust the memory or the stack.
 */
final class ConfigTree {
  private static final int DEEPEST = 64;
  private static final int MOST_NODES = 100_000;
  private static final int LONGEST_KEY = 1000;

  private final String source;
  private final boolean read;

  /** By container, since paths as keys would need memory for each of their prefixes. */
  private final IdentityHashMap<JsonNode, Map<String, Integer>> lines = new IdentityHashMap<>();

  private JsonNode root = JsonNodeFactory.instance.missingNode();
  private int nodes;

  private ConfigTree(String source, boolean read) {
    this.source = source;
    this.read = read;
  }

  /** An empty tree of a text, whose source messages name. */
  static ConfigTree reading(String source) {
    return new ConfigTree(source, true);
  }

  /** A tree that a program has made, without lines. */
  static ConfigTree of(String source, JsonNode root) {
    ConfigTree tree = new ConfigTree(source, false);
    tree.root = root;
    return tree;
  }

  JsonNode root() {
    return root;
  }

  void root(JsonNode node) {
    root = node;
  }

  /** Counts one more value. */
  void count(int line, int depth) {
    if (++nodes > MOST_NODES) {
      throw fault(line, "more than " + MOST_NODES + " values, aliases resolved");
    }
    if (depth > DEEPEST) {
      throw fault(line, "nested deeper than " + DEEPEST + " levels");
    }
  }

  /** Notes the line of a key that must be new. */
  void key(ObjectNode parent, String key, int line) {
    if (key.length() > LONGEST_KEY) {
      throw fault(line, "found a key of " + key.length() + " characters, expected a name");
    }
    if (lines(parent).putIfAbsent(key, line) != null) {
      throw fault(line, "Duplicate key '" + key + "', first in line " + lines(parent).get(key));
    }
  }

  /** Notes the line of the next element of a list. */
  void element(ArrayNode parent, int line) {
    lines(parent).put(index(parent.size()), line);
  }

  private Map<String, Integer> lines(JsonNode parent) {
    return lines.computeIfAbsent(parent, unseen -> new HashMap<>());
  }

  /** The step of a path to an element. */
  static String index(int index) {
    return "[" + index + "]";
  }

  /** The value at a path of keys and {@code [index]}; missing if there is none. */
  JsonNode at(List<String> path) {
    JsonNode node = root;
    for (String step : path) {
      node = child(node, step);
    }
    return node;
  }

  private static JsonNode child(JsonNode node, String step) {
    return node instanceof ArrayNode list && step.startsWith("[")
        ? list.path(Integer.parseInt(step.substring(1, step.length() - 1)))
        : node.path(step);
  }

  /** The source, with the line of the nearest known part of a path. */
  String where(List<String> path) {
    int line = 1;
    JsonNode node = root;
    for (String step : path) {
      line = lines.getOrDefault(node, Map.of()).getOrDefault(step, line);
      node = child(node, step);
    }
    return read ? source + ":" + line : source;
  }

  /** An error in a line. */
  UserException fault(int line, String message) {
    return new UserException(source + ":" + line + ": " + printable(message));
  }

  /** A message in one line, whatever the values in it hold. */
  static String printable(String message) {
    StringBuilder text = new StringBuilder();
    message
        .codePoints()
        .forEach(
            point -> {
              boolean shown = !Character.isISOControl(point) && !isInvisible(point);
              text.append(
                  shown ? Character.toString(point) : String.format(Locale.ROOT, "\\u%04x", point));
            });
    return text.toString();
  }

  private static boolean isInvisible(int point) {
    return switch (Character.getType(point)) {
      case Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
