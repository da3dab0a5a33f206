// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Takes sentences out of JSON values, one after the other, without holding more than one. */
final class SentenceParser {

  /** Levels of nesting within which sentences are looked for; what is ignored may have more. */
  private static final int DEEPEST = 1000;

  private final JsonScanner json;
  private final SentenceFields fields;
  private final Deque<OpenObject> objects = new ArrayDeque<>();
  private long line = 1;

  SentenceParser(JsonScanner json, SentenceFields fields) {
    this.json = json;
    this.fields = fields;
  }

  /** An object in which we are. */
  private static final class OpenObject {
    final long line;
    String found;

    OpenObject(long line) {
      this.line = line;
    }
  }

  /**
   * Returns the next sentence, or null after the last.
   *
   * @throws MalformedJsonException where the text is not JSON
   * @throws BadLineException at a value that is not a sentence, or an object without one; the next
   *     call continues after it
   */
  String next() throws IOException, BadLineException {
    while (true) {
      if (json.depth() == 0 && json.isAtEnd()) {
        return null;
      }
      boolean inObject = json.isInObject();
      if (json.depth() > 0 && !json.more()) {
        if (inObject) {
          leave();
        }
      } else if (!inObject || isWanted(json.name())) {
        String sentence = value();
        if (sentence != null) {
          return sentence;
        }
      } else {
        json.skip();
      }
    }
  }

  private boolean isWanted(String name) throws IOException, BadLineException {
    OpenObject object = objects.element();
    if (name.equals(object.found)) {
      json.skip();
      line = json.line();
      throw new BadLineException("field \"" + name + "\" occurs twice in an object");
    }
    if (object.found != null || !fields.isWanted(name, objects.size())) {
      return false;
    }
    object.found = name;
    return true;
  }

  /** Reads a sentence, or enters an object or array and returns null. */
  private String value() throws IOException, BadLineException {
    JsonScanner.Kind kind = json.peek();
    line = json.line();
    switch (kind) {
      case OBJECT, ARRAY -> {
        requireShallow();
        json.open();
        if (kind == JsonScanner.Kind.OBJECT) {
          objects.push(new OpenObject(line));
        }
        return null;
      }
      case STRING -> {
        if (fields.isSentence(objects.size())) {
          return json.string();
        }
      }
      default -> {
        // Not a sentence either.
      }
    }
    json.skip();
    throw new BadLineException("found " + kind);
  }

  private void requireShallow() throws IOException, BadLineException {
    if (json.depth() == DEEPEST) {
      json.skip();
      throw new BadLineException("found values nested more than " + DEEPEST + " deep");
    }
  }

  private void leave() throws BadLineException {
    OpenObject object = objects.pop();
    if (object.found == null) {
      line = object.line;
      throw new BadLineException("an object without a sentence");
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
