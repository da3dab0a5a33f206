// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** A line is a JSON object that has a field with a text. */
record JsonText(String field) implements LineFormat {

  /** Longest string, in characters: as much as the longest line. */
  private static final StreamReadConstraints LONG_STRINGS =
      StreamReadConstraints.builder().maxStringLength(LineCursor.MAXIMUM_LINE).build();

  /** Reads JSON with strings as long as a line may be. */
  static final JsonFactory JSON = JsonFactory.builder().streamReadConstraints(LONG_STRINGS).build();

  @Override
  public void read(byte[] buffer, int start, int length, Consumer<String> texts)
      throws BadLineException {
    try (JsonParser parser = JSON.createParser(buffer, start, length)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new BadLineException("found " + describe(first));
      }
      String text = textField(parser);
      if (parser.nextToken() != null) {
        throw new BadLineException("found more after the end of the object");
      }
      if (text == null) {
        throw new BadLineException("no field \"" + field + "\"");
      }
      texts.accept(text);
    } catch (JsonProcessingException e) {
      throw notJson(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads an object to its end and returns the text field, or null where there is none. */
  private String textField(JsonParser parser) throws IOException, BadLineException {
    String text = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = parser.currentName().equals(field);
      JsonToken value = parser.nextToken();
      if (!wanted) {
        parser.skipChildren();
      } else if (value == JsonToken.VALUE_STRING) {
        text = parser.getText();
      } else {
        throw new BadLineException(
            "field \"" + field + "\" is " + describe(value) + ", expected a string");
      }
    }
    return text;
  }

  @Override
  public String expected() {
    return "a JSON object with a string \"" + field + "\", in UTF-8";
  }

  /** What a line is that cannot be read as JSON. */
  static BadLineException notJson(JsonProcessingException e) {
    return new BadLineException(
        "not JSON: " + e.getOriginalMessage() + " at column " + e.getLocation().getColumnNr(), e);
  }

  /** A token in words. */
  static String describe(JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> token.toString();
    };
  }
}
