// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.TreeTraversingParser;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** Walks a {@link ConfigTree}; what a scalar means is decided by the type of its key. */
final class ConfigParser extends TreeTraversingParser {
  private final JsonNode root;

  ConfigParser(JsonNode root) {
    super(root);
    this.root = root;
  }

  /** The value that is read; the cursor is already inside of one with elements. */
  private JsonNode value() {
    return currentToken().isStructStart()
        ? root.at(getParsingContext().pathAsPointer())
        : currentNode();
  }

  /** Readers of scalars and of values without a type. */
  static SimpleModule readers() {
    SimpleModule module = new SimpleModule("scalars");
    add(module, int.class, Integer.class, Scalars::wholeInt);
    add(module, long.class, Long.class, Scalars::wholeLong);
    add(module, double.class, Double.class, Scalars::number);
    add(module, boolean.class, Boolean.class, Scalars::truth);
    module.addDeserializer(String.class, new Reader<>(String.class, Scalars::text));
    module.addDeserializer(JsonNode.class, new Reader<>(JsonNode.class, Scalars::any));
    return module;
  }

  private static <T> void add(
      SimpleModule module,
      Class<T> primitive,
      Class<T> boxed,
      Function<JsonNode, Optional<T>> meaning) {
    module.addDeserializer(primitive, new Reader<>(primitive, meaning));
    module.addDeserializer(boxed, new Reader<>(boxed, meaning));
  }

  /** Reads a value of one type. */
  private static final class Reader<T> extends JsonDeserializer<T> {
    private final Class<T> type;
    private final Function<JsonNode, Optional<T>> meaning;

    Reader(Class<T> type, Function<JsonNode, Optional<T>> meaning) {
      this.type = type;
      this.meaning = meaning;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      JsonNode node = ((ConfigParser) parser).value();
      Optional<T> value = meaning.apply(node);
      if (value.isEmpty()) {
        return context.reportInputMismatch(type, "another type");
      }
      parser.skipChildren();
      return value.get();
    }

    /**
     * Without this a record with a number that is missing fails in reflection, without its name.
     */
    @Override
    public Object getAbsentValue(DeserializationContext context) throws JsonMappingException {
      return type.isPrimitive() ? context.reportInputMismatch(type, "missing") : null;
    }
  }
}
