// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.SkippedLines;

/** Reads the documents of a file line by line; blank lines are passed over. */
final class LineCursor implements DocumentCursor {

  /** Longest line in bytes. */
  static final int MAXIMUM_LINE = 1 << 28;

  private final Path file;
  private final LineFormat format;
  private final LineReader lines;
  private final BadLineCount bad;
  private final Deque<String> texts = new ArrayDeque<>();
  private boolean found;

  LineCursor(Path file, LineFormat format, BadLines policy, InputStream in) {
    this(file, format, policy, new LineReader(in, MAXIMUM_LINE));
  }

  LineCursor(Path file, LineFormat format, BadLines policy, LineReader lines) {
    this.file = file;
    this.format = format;
    this.lines = lines;
    this.bad = new BadLineCount(file, policy, format.expected());
  }

  @Override
  public boolean hasNext() {
    while (texts.isEmpty() && readLine()) {
      // A line may be blank or left out.
    }
    if (texts.isEmpty() && !found) {
      throw new UserException(
          file
              + (bad.skipped().count() == 0 ? ": is empty" : ": " + bad.skipped())
              + "; expected on each line "
              + format.expected());
    }
    return !texts.isEmpty();
  }

  @Override
  public Document next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    found = true;
    return new Document(texts.remove());
  }

  @Override
  public SkippedLines skipped() {
    return bad.skipped();
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    }
  }

  /** Takes the texts of the next line; false at the end of the file. */
  private boolean readLine() {
    try {
      if (!lines.advance()) {
        return false;
      }
      byte[] bytes = lines.buffer();
      int start = lines.start();
      int length = lines.length();
      Utf8Lines.check(bytes, start, length);
      if (!Utf8Lines.isBlank(bytes, start, length)) {
        format.read(bytes, start, length, texts::add);
      }
    } catch (BadLineException e) {
      bad.add(lines.number(), e);
    } catch (LineReader.LineTooLongException e) {
      String found = "longer than " + lines.maximumLength() + " bytes";
      bad.add(lines.number(), new BadLineException(found, e));
    } catch (IOException e) {
      throw TextFile.unreadable(file, lines.number(), e);
    }
    return true;
  }
}
