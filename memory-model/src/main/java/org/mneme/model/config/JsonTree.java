// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.mneme.compute.UserException;

/** Reads JSON into a {@link ConfigTree}; numbers keep the form in which they were written. */
final class JsonTree {
  /** The text is bounded as a whole, and depth by the tree. */
  private static final JsonFactory JSON = JsonFactories.withoutLimits().build();

  private final ConfigTree tree;
  private final JsonParser parser;

  private JsonTree(ConfigTree tree, JsonParser parser) {
    this.tree = tree;
    this.parser = parser;
  }

  /**
   * Returns the tree of a text.
   *
   * @throws UserException if it is not well formed, with the line
   */
  static ConfigTree read(String source, String text) {
    ConfigTree tree = ConfigTree.reading(source);
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != null) {
        JsonTree reader = new JsonTree(tree, parser);
        tree.root(reader.value(0));
        reader.requireEnd();
      }
      return tree;
    } catch (JsonProcessingException e) {
      String message = ConfigTree.printable(JsonFault.explain(e));
      throw new UserException(source + JsonFault.line(e) + ": " + message, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory has no input errors
    }
  }

  private void requireEnd() throws IOException {
    if (parser.nextToken() != null) {
      throw tree.fault(line(), "text after the end of the configuration");
    }
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private JsonNode value(int depth) throws IOException {
    tree.count(line(), depth);
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(depth);
      case START_ARRAY -> list(depth);
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> PlainScalar.EMPTY;
      default -> new PlainScalar(parser.getText());
    };
  }

  private ObjectNode object(int depth) throws IOException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      tree.key(object, key, line());
      parser.nextToken();
      object.set(key, value(depth + 1));
    }
    return object;
  }

  private ArrayNode list(int depth) throws IOException {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      tree.element(list, line());
      list.add(value(depth + 1));
    }
    return list;
  }
}
