// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;

/** Small text files that users write: UTF-8, with or without a byte order mark. */
public final class Utf8File {
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
    if (startsWith(bytes, 0xFE, 0xFF) || startsWith(bytes, 0xFF, 0xFE)) {
      throw new UserException(file + ": is UTF-16 or UTF-32: expected UTF-8; save it as UTF-8");
    }
    CharBuffer text = CharBuffer.allocate(bytes.length);
    ByteBuffer left = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(left, text, true);
    if (result.isError()) {
      int at = left.position();
      String line = String.valueOf(1 + newlines(bytes, at));
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s:%s: not UTF-8: byte 0x%02x at offset %d; save the file as UTF-8",
              file,
              line,
              bytes[at],
              at));
    }
    return text.flip().toString();
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
