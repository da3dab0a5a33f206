// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;

/** Small text files that users write: UTF-8, with or without a byte order mark. */
public final class Utf8File {
  private static final int BLOCK = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private Utf8File() {}

  /**
   * Returns the text of a file without its byte order mark.
   *
   * @param most bytes that the file may have
   * @throws UserException if the file cannot be read, is larger, or is not UTF-8, with the line
   */
  public static String read(Path file, int most) {
    if (Files.isDirectory(file)) {
      throw new UserException(file + ": is a folder, expected a text file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(most);
      if (in.read() >= 0) {
        throw new UserException(
            String.format(Locale.ROOT, "%s: too large: expected at most %,d bytes", file, most));
      }
      return withoutMark(decode(file, bytes));
    } catch (NoSuchFileException e) {
      throw new UserException(file + ": no such file", e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e + ")", e);
    }
  }

  /** Returns a text without the byte order mark that it may start with. */
  public static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private static String decode(Path file, byte[] bytes) {
    if (isUtf16(bytes)) {
      throw utf16(file);
    }
    CharBuffer text = CharBuffer.allocate(bytes.length);
    ByteBuffer left = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(left, text, true);
    if (result.isError()) {
      int at = left.position();
      throw malformed(file, 1 + newlines(bytes, at), bytes[at], at);
    }
    return text.flip().toString();
  }

  /**
   * Returns the error of a file of any size that a decoder has refused, with line and place of the
   * first byte that is not UTF-8. A reader of lines knows neither: it decodes ahead.
   */
  public static UserException malformed(Path file) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer text = CharBuffer.allocate(BLOCK);
    byte[] block = new byte[BLOCK];
    int kept = 0;
    long offset = 0;
    long line = 1;
    try (InputStream in = Files.newInputStream(file)) {
      for (boolean end = false; !end; ) {
        int read = in.readNBytes(block, kept, BLOCK - kept);
        end = read < BLOCK - kept;
        ByteBuffer bytes = ByteBuffer.wrap(block, 0, kept + read);
        if (offset == 0 && isUtf16(block)) {
          return utf16(file);
        }
        boolean error = decoder.decode(bytes, text.clear(), end).isError();
        int at = bytes.position();
        line += newlines(block, at);
        if (error) {
          return malformed(file, line, block[at], offset + at);
        }
        offset += at;
        kept = bytes.remaining();
        bytes.get(block, 0, kept);
      }
    } catch (IOException e) {
      return new UserException(file + ": cannot be read (" + FileFault.reason(e) + ")", e);
    }
    return new UserException(file + ": was not UTF-8 when it was read, and has changed since");
  }

  private static UserException malformed(Path file, long line, byte found, long offset) {
    return new UserException(
        String.format(
            Locale.ROOT,
            "%s:%d: not UTF-8: byte 0x%02x at offset %d; save the file as UTF-8",
            file,
            line,
            found,
            offset));
  }

  private static boolean isUtf16(byte[] bytes) {
    return startsWith(bytes, 0xFE, 0xFF) || startsWith(bytes, 0xFF, 0xFE);
  }

  private static UserException utf16(Path file) {
    return new UserException(file + ": is UTF-16 or UTF-32: expected UTF-8; save it as UTF-8");
  }

  private static boolean startsWith(byte[] bytes, int first, int second) {
    return bytes.length >= 2 && bytes[0] == (byte) first && bytes[1] == (byte) second;
  }

  private static int newlines(byte[] bytes, int end) {
    int count = 0;
    for (int i = 0; i < end; i++) {
      count += bytes[i] == '\n' ? 1 : 0;
    }
    return count;
  }
}
