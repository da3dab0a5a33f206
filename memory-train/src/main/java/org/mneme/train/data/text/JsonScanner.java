// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;

/**
 * Reads JSON (RFC 8259) in UTF-8 value by value, from a line or from a stream.
 *
 * <p>A value that nobody asks for is skipped, whatever its nesting, the length of its numbers or of
 * its names: a limit that refused a document because of a field that is not read would lose text.
 * In such values {@code NaN}, {@code Infinity} and {@code -Infinity} are accepted, which Python and
 * JavaScript write. Memory grows with the longest string that is read, and by one bit for each
 * level of nesting.
 */
final class JsonScanner implements Closeable {

  private static final int END = -1;
  private static final int BUFFER = 1 << 16;

  /** Levels of nesting within one value: what a line of the greatest length can hold. */
  private static final int DEEPEST = LineCursor.MAXIMUM_LINE;

  /** A kind of value. */
  enum Kind {
    OBJECT("an object"),
    ARRAY("an array"),
    STRING("a string"),
    NUMBER("a number"),
    BOOLEAN("a boolean"),
    NULL("null"),
    NOTHING("nothing");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private final InputStream in;
  private byte[] buffer;
  private int next;
  private int filled;

  /** Bytes of the present line that the buffer no longer holds, less its place in the buffer. */
  private long columnOffset;

  private long line = 1;

  /** For each open value whether it is an object. */
  private final BitSet objects = new BitSet();

  private int depth;
  private boolean first;

  private byte[] text = {};
  private int size;
  private boolean tooLong;
  private String unpaired;

  /** Reads a line, which is {@code length} bytes of well-formed UTF-8 from {@code start}. */
  JsonScanner(byte[] line, int start, int length) {
    this.in = InputStream.nullInputStream();
    this.buffer = line;
    this.next = start;
    this.filled = start + length;
    this.columnOffset = -start;
  }

  /** Reads values from a stream, one after the other. */
  JsonScanner(InputStream in) {
    this.in = in;
    this.buffer = new byte[BUFFER];
  }

  /** Returns the line of the next byte, from 1. */
  long line() {
    return line;
  }

  /** Returns the number of values that are open. */
  int depth() {
    return depth;
  }

  /** Returns whether the innermost open value is an object. */
  boolean isInObject() {
    return depth > 0 && objects.get(depth - 1);
  }

  /** Returns the kind of the value that follows; {@link Kind#NOTHING} at the end of the input. */
  Kind peek() throws IOException, MalformedJsonException {
    int c = skipBlanks();
    return switch (c) {
      case END -> Kind.NOTHING;
      case '{' -> Kind.OBJECT;
      case '[' -> Kind.ARRAY;
      case '"' -> Kind.STRING;
      case 't', 'f' -> Kind.BOOLEAN;
      case 'n' -> Kind.NULL;
      case '-', 'N', 'I', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> Kind.NUMBER;
      default -> throw malformed("a value");
    };
  }

  /** Returns whether nothing but blanks follows. */
  boolean isAtEnd() throws IOException {
    return skipBlanks() == END;
  }

  /** Enters the object or array that follows. */
  void open() throws IOException, MalformedJsonException {
    boolean object = peek() == Kind.OBJECT;
    if (depth == DEEPEST) {
      throw malformed("at most " + DEEPEST + " levels of nesting");
    }
    next++;
    objects.set(depth++, object);
    first = true;
  }

  /**
   * Moves to the next name of an object or value of an array. Where there is none, leaves it and
   * returns false.
   */
  boolean more() throws IOException, MalformedJsonException {
    int c = skipBlanks();
    boolean object = isInObject();
    if (c == (object ? '}' : ']')) {
      next++;
      depth--;
      first = false;
      return false;
    }
    if (!first) {
      if (c != ',') {
        throw malformed(object ? "',' or '}'" : "',' or ']'");
      }
      next++;
      skipBlanks();
    }
    first = false;
    return true;
  }

  /** Reads a name and the colon after it. */
  String name() throws IOException, BadLineException {
    scanName(true);
    return new String(text, 0, size, StandardCharsets.UTF_8);
  }

  private void scanName(boolean keep) throws IOException, MalformedJsonException {
    if (peekByte() != '"') {
      throw malformed("a name in double quotes");
    }
    scanString(keep);
    if (skipBlanks() != ':') {
      throw malformed("':'");
    }
    next++;
  }

  /**
   * Reads a string.
   *
   * @throws BadLineException where it is longer than a line may be, is not UTF-8 or has a surrogate
   *     without its partner, which no encoding can write; the next call continues after it
   */
  String string() throws IOException, BadLineException {
    scanString(true);
    if (tooLong) {
      throw new BadLineException(
          "found a string of more than " + LineCursor.MAXIMUM_LINE + " bytes");
    }
    if (unpaired != null) {
      throw new BadLineException(unpaired);
    }
    Utf8Lines.check(text, 0, size);
    return new String(text, 0, size, StandardCharsets.UTF_8);
  }

  /** Skips the value that follows, and all that is in it. */
  void skip() throws IOException, MalformedJsonException {
    int outside = depth;
    skipOrOpen();
    while (depth > outside) {
      if (more()) {
        if (isInObject()) {
          scanName(false);
        }
        skipOrOpen();
      }
    }
  }

  private void skipOrOpen() throws IOException, MalformedJsonException {
    switch (peek()) {
      case OBJECT, ARRAY -> open();
      case STRING -> scanString(false);
      case NUMBER -> scanNumber();
      case BOOLEAN -> scanWord(peekByte() == 't' ? "true" : "false");
      case NULL -> scanWord("null");
      case NOTHING -> throw malformed("a value");
    }
  }

  private void scanNumber() throws IOException, MalformedJsonException {
    if (peekByte() == '-') {
      next++;
    }
    switch (peekByte()) {
      case 'N' -> scanWord("NaN");
      case 'I' -> scanWord("Infinity");
      case '0' -> {
        next++;
        scanFraction();
      }
      default -> {
        scanDigits();
        scanFraction();
      }
    }
  }

  private void scanFraction() throws IOException, MalformedJsonException {
    if (peekByte() == '.') {
      next++;
      scanDigits();
    }
    if (peekByte() == 'e' || peekByte() == 'E') {
      next++;
      if (peekByte() == '+' || peekByte() == '-') {
        next++;
      }
      scanDigits();
    }
  }

  private void scanDigits() throws IOException, MalformedJsonException {
    if (!isDigit(peekByte())) {
      throw malformed("a digit");
    }
    while (isDigit(peekByte())) {
      next++;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private void scanWord(String word) throws IOException, MalformedJsonException {
    for (int i = 0; i < word.length(); i++) {
      if (peekByte() != word.charAt(i)) {
        throw malformed("'" + word + "'");
      }
      next++;
    }
  }

  /** Moves past a string and, where asked to, keeps it in {@link #text}. */
  private void scanString(boolean keep) throws IOException, MalformedJsonException {
    size = 0;
    tooLong = false;
    unpaired = null;
    next++;
    while (true) {
      int run = next;
      while (next < filled && isPlain(buffer[next])) {
        next++;
      }
      append(keep, run, next);
      int c = peekByte();
      if (c == '"') {
        next++;
        return;
      }
      if (c == '\\') {
        next++;
        scanEscape(keep);
      } else if (c == END || c < ' ') {
        throw malformed("'\"' at the end of a string");
      }
    }
  }

  private static boolean isPlain(byte b) {
    return b != '"' && b != '\\' && (b >= ' ' || b < 0);
  }

  private void append(boolean keep, int from, int to) {
    if (keep && makeRoom(to - from)) {
      System.arraycopy(buffer, from, text, size, to - from);
      size += to - from;
    }
  }

  private boolean makeRoom(int bytes) {
    tooLong = tooLong || (long) size + bytes > LineCursor.MAXIMUM_LINE;
    if (!tooLong && size + bytes > text.length) {
      text = Arrays.copyOf(text, Math.max(size + bytes, Math.max(64, 2 * size)));
    }
    return !tooLong;
  }

  private void scanEscape(boolean keep) throws IOException, MalformedJsonException {
    int c = peekByte();
    int value =
        switch (c) {
          case '"', '\\', '/' -> c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'u' -> END;
          default -> throw malformed("one of \"\\/bfnrtu after '\\'");
        };
    next++;
    if (value == END) {
      appendCodePoint(keep, scanUnicode(keep));
    } else {
      appendCodePoint(keep, value);
    }
  }

  /**
   * Reads what follows "\\u": a code point, of which a surrogate pair is written as two escapes.
   */
  private int scanUnicode(boolean keep) throws IOException, MalformedJsonException {
    char high = scanHex();
    while (Character.isHighSurrogate(high) && peekByte() == '\\') {
      next++;
      if (peekByte() != 'u') {
        notePair(high);
        scanEscape(keep);
        return END;
      }
      next++;
      char low = scanHex();
      if (Character.isLowSurrogate(low)) {
        return Character.toCodePoint(high, low);
      }
      notePair(high);
      high = low;
    }
    if (Character.isSurrogate(high)) {
      notePair(high);
      return END;
    }
    return high;
  }

  private void notePair(char surrogate) {
    if (unpaired == null) {
      unpaired =
          String.format(
              Locale.ROOT,
              "found \\u%04x before column %d without the other half of its pair",
              (int) surrogate,
              column());
    }
  }

  private char scanHex() throws IOException, MalformedJsonException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peekByte(), 16);
      if (digit < 0) {
        throw malformed("4 hexadecimal digits after '\\u'");
      }
      value = (value << 4) | digit;
      next++;
    }
    return (char) value;
  }

  private void appendCodePoint(boolean keep, int codePoint) {
    if (!keep || codePoint == END || !makeRoom(4)) {
      return;
    }
    if (codePoint < 0x80) {
      text[size++] = (byte) codePoint;
      return;
    }
    int rest = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    int lead = 0xff00 >> (rest + 1);
    text[size++] = (byte) (lead | (codePoint >> (6 * rest)));
    for (int i = rest - 1; i >= 0; i--) {
      text[size++] = (byte) (0x80 | ((codePoint >> (6 * i)) & 0x3f));
    }
  }

  /** Moves to the next byte that is not blank and returns it. */
  private int skipBlanks() throws IOException {
    int c = peekByte();
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      next++;
      if (c == '\n') {
        line++;
        columnOffset = -next;
      }
      c = peekByte();
    }
    return c;
  }

  /** Returns the next byte without moving past it; {@link #END} at the end. */
  private int peekByte() throws IOException {
    if (next == filled && !fill()) {
      return END;
    }
    return buffer[next] & 0xff;
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer, 0, buffer.length);
    if (read <= 0) {
      return false;
    }
    columnOffset += filled;
    next = 0;
    filled = read;
    return true;
  }

  /** Returns the column of the next byte in its line, from 1. */
  private long column() {
    return columnOffset + next + 1;
  }

  private MalformedJsonException malformed(String expected) throws IOException {
    return new MalformedJsonException(
        "expected " + expected + ", got " + describe(peekByte()) + " at column " + column());
  }

  private static String describe(int c) {
    if (c == END) {
      return "the end";
    }
    return c > ' ' && c < 0x7f
        ? "'" + (char) c + "'"
        : String.format(Locale.ROOT, "byte 0x%02x", c);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
