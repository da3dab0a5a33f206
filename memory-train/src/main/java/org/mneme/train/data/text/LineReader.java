// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines ("\n", with or without "\r" before it) and hands out where each
 * lies in a buffer that the next line overwrites. Holds one line, not the file.
 */
final class LineReader implements AutoCloseable {

  private static final int INITIAL = 1 << 18;

  private final InputStream in;
  private final int maximumLength;
  private byte[] buffer;
  private int start;
  private int length;
  private int next;
  private int filled;
  private long number;
  private boolean ended;
  private boolean tooLong;

  /**
   * Reads lines of at most {@code maximumLength} bytes.
   *
   * @param maximumLength more than this without a line end is an error, so that a file which is no
   *     text does not fill the heap
   */
  LineReader(InputStream in, int maximumLength) {
    this.in = in;
    this.maximumLength = maximumLength;
    this.buffer = new byte[Math.min(INITIAL, maximumLength + 2)];
  }

  /**
   * Moves to the next line; false at the end of the stream.
   *
   * @throws LineTooLongException at a line that is longer than allowed; the next call goes on
   *     behind it
   */
  boolean advance() throws IOException {
    if (tooLong) {
      passOver();
    }
    start = next;
    int searched = 0;
    while (true) {
      int end = indexOfNewline(start + searched);
      if (end >= 0) {
        take(end, end + 1);
        return true;
      }
      if (ended) {
        return takeRest();
      }
      searched = filled - start;
      fill();
    }
  }

  /** Leaves the rest of a line that is too long behind, without holding it. */
  private void passOver() throws IOException {
    tooLong = false;
    int end = indexOfNewline(start);
    while (end < 0 && !ended) {
      start = 0;
      filled = 0;
      fill();
      end = indexOfNewline(0);
    }
    next = end < 0 ? filled : end + 1;
  }

  private int indexOfNewline(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean takeRest() throws LineTooLongException {
    if (start == filled) {
      // The buffer was moved; asked again, the answer is the same.
      next = start;
      return false;
    }
    take(filled, filled);
    return true;
  }

  private void take(int end, int next) throws LineTooLongException {
    number++;
    int last = end > start && buffer[end - 1] == '\r' ? end - 1 : end;
    this.length = last - start;
    this.next = next;
    if (length > maximumLength) {
      throw new LineTooLongException();
    }
  }

  /** Moves the unfinished line to the front of the buffer and reads behind it. */
  private void fill() throws IOException {
    int kept = filled - start;
    if (kept > maximumLength + 1) {
      number++;
      tooLong = true;
      throw new LineTooLongException();
    }
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, kept);
      start = 0;
      filled = kept;
    } else if (filled == buffer.length) {
      long doubled = Math.min(2L * buffer.length, maximumLength + 2L);
      buffer = Arrays.copyOf(buffer, (int) Math.max(doubled, buffer.length + 1L));
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      ended = true;
    } else {
      filled += read;
    }
  }

  /** Returns how long a line may be, in bytes. */
  int maximumLength() {
    return maximumLength;
  }

  /** Returns the bytes, of which the line is {@link #length()} from {@link #start()}. */
  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return length;
  }

  /** Returns the number of the current line, from 1; 0 before the first. */
  long number() {
    return number;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** The line {@link LineReader#number()} is longer than allowed. */
  static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException() {
      super("line too long");
    }
  }
}
