// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.github.luben.zstd.ZstdIOException;
import com.google.common.base.Utf8;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.zip.ZipException;
import org.mneme.compute.UserException;

/** Reads the documents of a JSONL file. */
final class JsonlCursor implements DocumentCursor {

  private static final int MAXIMUM_LINE = 1 << 28;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(MAXIMUM_LINE).build())
          .build();

  private final Path file;
  private final String field;
  private final LineReader lines;
  private Document next;
  private boolean found;

  JsonlCursor(Path file, String field, InputStream in) {
    this.file = file;
    this.field = field;
    this.lines = new LineReader(in, MAXIMUM_LINE);
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = read();
    }
    return next != null;
  }

  @Override
  public Document next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Document document = next;
    next = null;
    found = true;
    return document;
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    }
  }

  private Document read() {
    while (advance()) {
      checkUtf8();
      int start = lines.start();
      int length = lines.length();
      int mark = lines.number() == 1 ? byteOrderMark(start, length) : 0;
      if (!isBlank(start + mark, length - mark)) {
        return parse(start + mark, length - mark);
      }
    }
    if (!found) {
      throw new UserException(
          file + ": is empty; expected one JSON object a line with the field \"" + field + "\"");
    }
    return null;
  }

  private boolean advance() {
    try {
      return lines.advance();
    } catch (LineReader.LineTooLongException e) {
      throw bad("longer than " + MAXIMUM_LINE + " bytes", e);
    } catch (EOFException | ZipException | ZstdIOException e) {
      throw unreadable("the compressed data is damaged or cut short", e);
    } catch (IOException e) {
      throw unreadable("cannot be read", e);
    }
  }

  private UserException unreadable(String what, IOException e) {
    return new UserException(
        String.format("%s, after line %d: %s: %s", file, lines.number(), what, e.getMessage()), e);
  }

  private void checkUtf8() {
    byte[] bytes = lines.buffer();
    int start = lines.start();
    int length = lines.length();
    if (!Utf8.isWellFormed(bytes, start, length)) {
      int at = firstMalformed(bytes, start, length);
      throw bad(
          String.format("not UTF-8: byte 0x%02x at column %d", bytes[start + at], at + 1), null);
    }
  }

  /** Returns where in the line the first byte that fits no character lies. */
  private static int firstMalformed(byte[] bytes, int start, int length) {
    int good = 0;
    while (good < length) {
      int end = good + 1;
      while (end < length && (bytes[start + end] & 0xc0) == 0x80) {
        end++;
      }
      if (!Utf8.isWellFormed(bytes, start + good, end - good)) {
        boolean ascii = bytes[start + good] >= 0;
        return ascii ? good + 1 : good;
      }
      good = end;
    }
    return good;
  }

  private int byteOrderMark(int start, int length) {
    byte[] bytes = lines.buffer();
    boolean present =
        length >= 3
            && bytes[start] == (byte) 0xef
            && bytes[start + 1] == (byte) 0xbb
            && bytes[start + 2] == (byte) 0xbf;
    return present ? 3 : 0;
  }

  private boolean isBlank(int start, int length) {
    byte[] bytes = lines.buffer();
    for (int i = start; i < start + length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private Document parse(int start, int length) {
    try (JsonParser parser = JSON.createParser(lines.buffer(), start, length)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw bad("found " + describe(first), null);
      }
      String text = textField(parser);
      if (parser.nextToken() != null) {
        throw bad("found more after the end of the object", null);
      }
      if (text == null) {
        throw bad("no field \"" + field + "\"", null);
      }
      return new Document(text);
    } catch (JsonProcessingException e) {
      throw bad(
          "not JSON: " + e.getOriginalMessage() + " at column " + e.getLocation().getColumnNr(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads an object to its end and returns the text field, or null where there is none. */
  private String textField(JsonParser parser) throws IOException {
    String text = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = parser.currentName().equals(field);
      JsonToken value = parser.nextToken();
      if (!wanted) {
        parser.skipChildren();
      } else if (value == JsonToken.VALUE_STRING) {
        text = parser.getText();
      } else {
        throw bad("field \"" + field + "\" is " + describe(value) + ", expected a string", null);
      }
    }
    return text;
  }

  private static String describe(JsonToken token) {
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

  private UserException bad(String found, Exception cause) {
    return new UserException(
        String.format(
            "%s, line %d: %s; expected a JSON object with a string \"%s\", in UTF-8",
            file, lines.number(), found, field),
        cause);
  }
}
