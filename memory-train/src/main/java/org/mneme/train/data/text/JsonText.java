// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A line is a JSON object that has a field with a text. */
record JsonText(String field) implements LineFormat {
  private static final int MOST_NAMED = 4;
  private static final int LONGEST_NAMED = 40;
  private static final String ARRAY_ADVICE =
      "Put one object on each line; a file that is one JSON array is converted by:"
          + " jq -c '.[]' OLD > NEW";

  @Override
  public void read(byte[] buffer, int start, int length, Consumer<String> texts)
      throws BadLineException {
    try (JsonScanner json = new JsonScanner(buffer, start, length)) {
      JsonScanner.Kind first = json.peek();
      if (first != JsonScanner.Kind.OBJECT) {
        String advice = first == JsonScanner.Kind.ARRAY ? ARRAY_ADVICE : "";
        skip(json, advice);
        throw new BadLineException("found " + first, advice);
      }
      String text = textField(json);
      if (!json.isAtEnd()) {
        throw new BadLineException("found more after the end of the object");
      }
      if (text == null) {
        throw new BadLineException(
            "no field \"" + field + "\"", advice(otherFields(buffer, start, length)));
      }
      texts.accept(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Skips a value; one that is not whole, such as the first line of a long array, has advice. */
  private static void skip(JsonScanner json, String advice) throws IOException, BadLineException {
    try {
      json.skip();
    } catch (MalformedJsonException e) {
      throw advice.isEmpty() ? e : new BadLineException(e.getMessage(), advice);
    }
  }

  /** Returns the names of the first fields that hold a string, for a message. */
  private static List<String> otherFields(byte[] buffer, int start, int length)
      throws IOException, BadLineException {
    List<String> names = new ArrayList<>();
    try (JsonScanner json = new JsonScanner(buffer, start, length)) {
      json.open();
      while (json.more() && names.size() < MOST_NAMED) {
        String name = json.name();
        if (json.peek() == JsonScanner.Kind.STRING) {
          names.add(shown(name));
        }
        json.skip();
      }
    }
    return names;
  }

  private static String advice(List<String> others) {
    return others.isEmpty()
        ? ""
        : "If the text is in another field ("
            + String.join(", ", others)
            + "), name it: data.text_field of a training, --text-field of other commands";
  }

  /** Reads an object to its end and returns the text field, or null where there is none. */
  private String textField(JsonScanner json) throws IOException, BadLineException {
    String text = null;
    json.open();
    while (json.more()) {
      if (!json.name().equals(field)) {
        json.skip();
        continue;
      }
      JsonScanner.Kind kind = json.peek();
      if (kind != JsonScanner.Kind.STRING) {
        throw new BadLineException("field \"" + field + "\" is " + kind);
      }
      if (text != null) {
        // Readers differ in which of the two they take; either would drop text silently.
        throw new BadLineException("field \"" + field + "\" occurs twice");
      }
      text = json.string();
    }
    return text;
  }

  private static String shown(String name) {
    String start = name.length() > LONGEST_NAMED ? name.substring(0, LONGEST_NAMED) + "…" : name;
    return '"' + start.replaceAll("\\p{C}", "?") + '"';
  }

  @Override
  public String expected() {
    return "a JSON object with a string \"" + field + "\", in UTF-8";
  }
}
