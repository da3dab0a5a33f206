// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mneme.compute.UserException;

/** Puts trees of keys over each other. */
final class Trees {
  private Trees() {}

  /** A new tree without keys. */
  static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }

  /**
   * Puts keys in place of those of a tree; {@code a.b: 1} means the same as {@code a: {b: 1}}.
   *
   * @throws UserException if there is something else than keys and values
   */
  static void put(ObjectNode tree, JsonNode over) {
    if (!over.isObject()) {
      throw new UserException("found " + over + ", expected keys and values");
    }
    over.properties().forEach(field -> put(tree, field.getKey(), field.getValue()));
  }

  private static void put(ObjectNode tree, String key, JsonNode value) {
    int dot = key.indexOf('.');
    if (dot >= 0) {
      put(child(tree, key.substring(0, dot)), key.substring(dot + 1), value);
    } else if (value.isObject()) {
      put(child(tree, key), value);
    } else {
      tree.set(key, value);
    }
  }

  private static ObjectNode child(ObjectNode tree, String key) {
    return tree.get(key) instanceof ObjectNode child ? child : tree.putObject(key);
  }
}
