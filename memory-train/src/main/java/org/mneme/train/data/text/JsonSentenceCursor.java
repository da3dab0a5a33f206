// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.SkippedLines;

/**
 * Reads the sentences of a JSON file, of one value over many lines or of several. Where the JSON
 * itself is broken nothing behind it can be read, so that this is an error even where bad lines are
 * skipped.
 */
final class JsonSentenceCursor implements DocumentCursor {

  private final Path file;
  private final JsonScanner json;
  private final SentenceParser parser;
  private final BadLineCount bad;
  private String next;
  private boolean found;

  JsonSentenceCursor(Path file, SentenceFields fields, BadLines policy, InputStream in) {
    this.file = file;
    this.json = new JsonScanner(in);
    this.parser = new SentenceParser(json, fields);
    this.bad = new BadLineCount(file, policy, fields.toString());
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = read();
    }
    if (next == null && !found) {
      throw new UserException(file + ": has no sentence; expected " + parser.fields());
    }
    return next != null;
  }

  private String read() {
    while (true) {
      try {
        return parser.next();
      } catch (MalformedJsonException e) {
        throw bad.stop(json.line(), e, "");
      } catch (BadLineException e) {
        bad.add(parser.line(), e);
      } catch (IOException e) {
        throw TextFile.unreadable(file, json.line(), e);
      }
    }
  }

  @Override
  public Document next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Document document = new Document(next);
    next = null;
    found = true;
    return document;
  }

  @Override
  public SkippedLines skipped() {
    return bad.skipped();
  }

  @Override
  public void close() {
    try {
      json.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    }
  }
}
