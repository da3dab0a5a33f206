// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.google.common.base.Utf8;
import com.google.common.primitives.Bytes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.mneme.compute.UserException;

/**
 * Opens files of text in UTF-8: plain, gzip, zstd or xz, told apart by their first bytes and not
 * their name. A byte order mark at the start is skipped.
 */
final class TextFile {

  private static final int BUFFER = 1 << 16;
  private static final int MOST_CHARACTER_BYTES = 4;
  private static final String EXPECTED = "expected text in UTF-8, plain, gzip, zstd or xz";

  private TextFile() {}

  /** Opens a file for reading its uncompressed bytes. */
  static InputStream open(Path file) {
    checkReadable(file);
    InputStream stream = null;
    try {
      stream = new BufferedInputStream(Files.newInputStream(file), BUFFER);
      stream = new BufferedInputStream(decompress(file, stream), BUFFER);
      skipByteOrderMark(file, stream);
      return stream;
    } catch (IOException e) {
      closeQuietly(stream, e);
      throw unreadable(file, 0, e);
    } catch (RuntimeException e) {
      closeQuietly(stream, e);
      throw e;
    }
  }

  private static void checkReadable(Path file) {
    if (!Files.exists(file)) {
      throw new UserException(file + ": no such file; " + EXPECTED);
    }
    if (!Files.isRegularFile(file)) {
      String found = Files.isDirectory(file) ? "a directory" : "not a regular file";
      throw new UserException(file + ": is " + found + "; expected a file of text");
    }
    if (!Files.isReadable(file)) {
      throw new UserException(file + ": no permission to read it");
    }
  }

  private static InputStream decompress(Path file, InputStream raw) throws IOException {
    byte[] head = head(raw);
    Optional<String> compression = FileFormat.compression(head);
    if (compression.isEmpty()) {
      requireText(file, head);
      return raw;
    }
    return switch (compression.get()) {
      case "gzip" -> new GzipStream(raw);
      case "zstd" -> new ZstdStream(raw, Files.size(file));
      default -> new XzStream(raw);
    };
  }

  /**
   * Refuses a file that is compressed by its name and neither so nor text by its bytes: a damaged
   * start, or a format without magic bytes. Its lines would be "not UTF-8", and could be skipped.
   */
  private static void requireText(Path file, byte[] head) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String suffix = name.substring(name.lastIndexOf('.') + 1);
    boolean compressed = FileFormat.SUFFIXES.contains(suffix);
    if (compressed && FileFormat.unsupported(head).isEmpty() && !isText(head)) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s: is named .%s, but its first bytes are neither those of gzip, zstd or xz nor"
                  + " text: damaged, or in another format; %s. Decompress it with its own tool.",
              file,
              suffix,
              EXPECTED));
    }
  }

  private static boolean isText(byte[] head) {
    if (Encodings.other(head) != null) {
      return true;
    }
    // The last character may be cut.
    int most = head.length == FileFormat.HEAD ? MOST_CHARACTER_BYTES : 1;
    for (int cut = 0; cut < most; cut++) {
      if (Utf8.isWellFormed(head, 0, Math.max(0, head.length - cut))) {
        return Bytes.indexOf(head, (byte) 0) < 0;
      }
    }
    return false;
  }

  private static void skipByteOrderMark(Path file, InputStream text) throws IOException {
    byte[] head = head(text);
    Optional<FileFormat> format = FileFormat.unsupported(head);
    if (format.isPresent() && !(format.get().mayBeText() && isText(head))) {
      throw unsupported(file, format.get().name(), format.get().advice());
    }
    Optional<String> again = FileFormat.compression(head);
    if (again.isPresent()) {
      throw unsupported(file, again.get() + " within a compressed file", "Decompress it once");
    }
    String encoding = Encodings.other(head);
    if (encoding != null) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s: is in %s; %s. Convert it: iconv -f %s -t UTF-8 OLD > NEW",
              file,
              encoding,
              EXPECTED,
              encoding));
    }
    text.skipNBytes(Encodings.byteOrderMark(head));
  }

  private static byte[] head(InputStream stream) throws IOException {
    stream.mark(FileFormat.HEAD);
    byte[] head = stream.readNBytes(FileFormat.HEAD);
    stream.reset();
    return head;
  }

  private static UserException unsupported(Path file, String format, String advice) {
    return new UserException(
        String.format(Locale.ROOT, "%s: is in %s format; %s. %s.", file, format, EXPECTED, advice));
  }

  /** Returns the error of a file that cannot be read after a line, 0 for none of its lines. */
  static UserException unreadable(Path file, long line, IOException e) {
    String where = line == 0 ? file.toString() : file + ", after line " + line;
    String what =
        e instanceof DamagedDataException
            ? "the compressed data is damaged or cut short: "
            : e instanceof UnsupportedDataException ? "" : "cannot be read: ";
    return new UserException(where + ": " + what + e.getMessage(), e);
  }

  private static void closeQuietly(InputStream stream, Exception reason) {
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }
}
