// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Takes sentences out of JSON values, one after the other, without holding more than one. */
final class SentenceParser {

  private final JsonParser parser;
  private final SentenceFields fields;
  private final Deque<OpenObject> objects = new ArrayDeque<>();
  private long line = 1;

  SentenceParser(JsonParser parser, SentenceFields fields) {
    this.parser = parser;
    this.fields = fields;
  }

  /** An object in which we are. */
  private static final class OpenObject {
    final long line;
    boolean found;

    OpenObject(long line) {
      this.line = line;
    }
  }

  /**
   * Returns the next sentence, or null behind the last.
   *
   * @throws BadLineException at a value that is no sentence, or an object without one; the next
   *     call goes on behind it
   */
  String next() throws IOException, BadLineException {
    JsonToken token = parser.nextToken();
    while (token != null) {
      line = parser.currentTokenLocation().getLineNr();
      switch (token) {
        case START_ARRAY, END_ARRAY -> {
          // Its elements are looked at one by one.
        }
        case START_OBJECT -> objects.push(new OpenObject(line));
        case FIELD_NAME -> enterOrSkip();
        case END_OBJECT -> leave();
        case VALUE_STRING -> {
          requireSentence();
          return parser.getText();
        }
        default -> throw new BadLineException("found " + JsonText.describe(token));
      }
      token = parser.nextToken();
    }
    return null;
  }

  private void enterOrSkip() throws IOException {
    OpenObject object = objects.element();
    if (!object.found && fields.isWanted(parser.currentName(), objects.size())) {
      object.found = true;
    } else {
      parser.nextToken();
      parser.skipChildren();
    }
  }

  private void leave() throws BadLineException {
    OpenObject object = objects.pop();
    if (!object.found) {
      line = object.line;
      throw new BadLineException("an object without a sentence");
    }
  }

  private void requireSentence() throws BadLineException {
    if (!fields.isSentence(objects.size())) {
      throw new BadLineException("found a string");
    }
  }

  /** Returns where sentences are looked for. */
  SentenceFields fields() {
    return fields;
  }

  /** Returns the line of what was read last, from 1. */
  long line() {
    return line;
  }
}
