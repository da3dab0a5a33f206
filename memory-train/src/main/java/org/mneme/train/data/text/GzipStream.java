// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses gzip (RFC 1952), of any number of members.
 *
 * <p>Not {@link java.util.zip.GZIPInputStream}: where the header of a further member is damaged, it
 * ends as if the file did, and everything after it is lost without a word. Here a member is
 * followed by another one, by zeros up to the end of the file (padding of tapes and disks), or by
 * the end; all else is an error that names the position.
 */
final class GzipStream extends DecompressedStream {

  private static final int MAGIC_FIRST = 0x1f;
  private static final int MAGIC_SECOND = 0x8b;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int filled;

  /** Bytes of the file before the buffer. */
  private long before;

  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final CRC32 headerChecksum = new CRC32();
  private long memberStart;
  private boolean inMember;
  private boolean ended;

  /** Decompresses a stream, which is closed with this one. */
  GzipStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember) {
        startMember();
      } else {
        int count = inflate(target, offset, length);
        if (count > 0) {
          return count;
        }
      }
    }
    return -1;
  }

  private int inflate(byte[] target, int offset, int length) throws IOException {
    try {
      int count = inflater.inflate(target, offset, length);
      checksum.update(target, offset, count);
      if (count == 0 && inflater.needsDictionary()) {
        throw new DamagedDataException("gzip: a preset dictionary is asked for", position());
      }
      if (count == 0 && inflater.finished()) {
        next = filled - inflater.getRemaining();
        endMember();
      } else if (count == 0) {
        feed();
      }
      return count;
    } catch (DataFormatException e) {
      next = filled - inflater.getRemaining();
      String reason = e.getMessage() == null ? "the data is not valid" : e.getMessage();
      throw new DamagedDataException("gzip: " + reason + inMember(), position(), e);
    }
  }

  private void feed() throws IOException {
    next = filled;
    if (peek() < 0) {
      throw new DamagedDataException(
          "gzip: the file ends within a member" + inMember(), position());
    }
    inflater.setInput(buffer, next, filled - next);
  }

  private String inMember() {
    return " (of the member from byte " + memberStart + ")";
  }

  /** Reads the header of a member, or finds the end of the file. */
  private void startMember() throws IOException {
    memberStart = position();
    int c = peek();
    if (c < 0 && memberStart > 0) {
      ended = true;
    } else if (c == 0 && memberStart > 0) {
      skipPadding();
    } else {
      readHeader();
      inflater.reset();
      inflater.setInput(buffer, next, filled - next);
      checksum.reset();
      inMember = true;
    }
  }

  private void skipPadding() throws IOException {
    while (peek() == 0) {
      next++;
    }
    if (peek() >= 0) {
      throw unexpected("zeros up to the end of the file", peek());
    }
    ended = true;
  }

  private void readHeader() throws IOException {
    headerChecksum.reset();
    require(MAGIC_FIRST);
    require(MAGIC_SECOND);
    require(DEFLATE);
    int flags = headerByte();
    if ((flags & RESERVED) != 0) {
      next--;
      throw unexpected("flags below 0x20 in the header of a gzip member", flags);
    }
    for (int i = 0; i < 6; i++) {
      headerByte();
    }
    if ((flags & EXTRA) != 0) {
      int length = headerByte() | (headerByte() << 8);
      for (int i = 0; i < length; i++) {
        headerByte();
      }
    }
    skipText((flags & NAME) != 0);
    skipText((flags & COMMENT) != 0);
    if ((flags & HEADER_CRC) != 0) {
      checkHeader();
    }
  }

  private void skipText(boolean present) throws IOException {
    while (present && headerByte() != 0) {
      // Its end is a zero.
    }
  }

  private void checkHeader() throws IOException {
    long expected = headerChecksum.getValue() & 0xffff;
    int found = headerByte() | (headerByte() << 8);
    if (found != expected) {
      throw mismatch("checksum of the header", expected, found);
    }
  }

  private void require(int expected) throws IOException {
    int found = peek();
    if (found != expected) {
      throw unexpected("the header of a gzip member or zeros up to the end of the file", found);
    }
    headerByte();
  }

  private int headerByte() throws IOException {
    int c = peek();
    if (c < 0) {
      throw new DamagedDataException(
          "gzip: the file ends within a member" + inMember(), position());
    }
    next++;
    headerChecksum.update(c);
    return c;
  }

  private void endMember() throws IOException {
    long crc = number();
    if (crc != checksum.getValue()) {
      throw mismatch("checksum", checksum.getValue(), crc);
    }
    long size = number();
    long expected = inflater.getBytesWritten() & 0xffffffffL;
    if (size != expected) {
      throw mismatch("size", expected, size);
    }
    inMember = false;
  }

  private long number() throws IOException {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value |= (long) headerByte() << (8 * i);
    }
    return value;
  }

  private DamagedDataException mismatch(String what, long expected, long found) {
    return new DamagedDataException(
        String.format(
            Locale.ROOT, "gzip: %s: expected %x, got %x%s", what, expected, found, inMember()),
        position());
  }

  private DamagedDataException unexpected(String expected, int found) {
    String got = found < 0 ? "the end" : String.format(Locale.ROOT, "byte 0x%02x", found);
    return new DamagedDataException("gzip: expected " + expected + ", got " + got, position());
  }

  /** Returns the next byte of the file without moving past it, or -1 at the end. */
  private int peek() throws IOException {
    if (next == filled) {
      int read = in.read(buffer, 0, buffer.length);
      if (read < 0) {
        return -1;
      }
      before += filled;
      next = 0;
      filled = read;
    }
    return buffer[next] & 0xff;
  }

  private long position() {
    return before + next;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
