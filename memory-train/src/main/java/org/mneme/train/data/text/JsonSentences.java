// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A line is JSON that has one or more sentences. */
record JsonSentences(SentenceFields fields) implements LineFormat {

  @Override
  public void read(byte[] buffer, int start, int length, Consumer<String> texts)
      throws BadLineException {
    try (JsonScanner json = new JsonScanner(buffer, start, length)) {
      SentenceParser parser = new SentenceParser(json, fields);
      List<String> sentences = new ArrayList<>();
      for (String text = parser.next(); text != null; text = parser.next()) {
        sentences.add(text);
      }
      sentences.forEach(texts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String expected() {
    return fields.toString();
  }
}
