// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * A scalar without quotes, as it was written. Its meaning depends on the key: {@code 1.10} is a
 * version where text is expected and a number where a number is; {@code off} is an action or false.
 */
final class PlainScalar extends ValueNode {
  private static final long serialVersionUID = 1;
  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  /** The value of a key without one. No type has a value for its text. */
  static final PlainScalar EMPTY = new PlainScalar("\0");

  private final String text;

  PlainScalar(String text) {
    this.text = text;
  }

  /** Whether JSON writes it without quotes. */
  boolean isNumberOrBoolean() {
    return JSON_NUMBER.matcher(text).matches() || text.equals("true") || text.equals("false");
  }

  @Override
  public JsonNodeType getNodeType() {
    return JsonNodeType.STRING;
  }

  @Override
  public JsonToken asToken() {
    return JsonToken.VALUE_STRING;
  }

  @Override
  public String asText() {
    return text;
  }

  @Override
  public String textValue() {
    return text;
  }

  @Override
  public void serialize(JsonGenerator out, SerializerProvider provider) throws IOException {
    if (EMPTY.equals(this)) {
      out.writeNull();
    } else if (isNumberOrBoolean()) {
      out.writeRawValue(text);
    } else {
      out.writeString(text);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PlainScalar scalar && scalar.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
