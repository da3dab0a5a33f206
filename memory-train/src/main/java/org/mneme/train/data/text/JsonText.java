// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** A line is a JSON object that has a field with a text. */
record JsonText(String field) implements LineFormat {

  @Override
  public void read(byte[] buffer, int start, int length, Consumer<String> texts)
      throws BadLineException {
    try (JsonScanner json = new JsonScanner(buffer, start, length)) {
      JsonScanner.Kind first = json.peek();
      if (first != JsonScanner.Kind.OBJECT) {
        json.skip();
        throw new BadLineException("found " + first);
      }
      String text = textField(json);
      if (!json.isAtEnd()) {
        throw new BadLineException("found more after the end of the object");
      }
      if (text == null) {
        throw new BadLineException("no field \"" + field + "\"");
      }
      texts.accept(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  @Override
  public String expected() {
    return "a JSON object with a string \"" + field + "\", in UTF-8";
  }
}
