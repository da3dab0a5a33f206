// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.mneme.compute.UserException;
import org.tukaani.xz.XZInputStream;

/**
 * Opens files of text: plain, gzip, zstd or xz, told apart by their first bytes and not their name.
 */
final class TextFile {

  private static final int BUFFER = 1 << 16;

  /** A dictionary of xz -9 takes 64 MiB; a file that asks for more than this is refused. */
  private static final int XZ_MEMORY_KIB = 1 << 18;

  /** First bytes of formats that are often met, and would otherwise be called "not UTF-8". */
  private static final Map<String, int[]> UNSUPPORTED =
      Map.of(
          "bzip2", new int[] {'B', 'Z', 'h'},
          "zip", new int[] {'P', 'K', 3, 4},
          "Parquet", new int[] {'P', 'A', 'R', '1'});

  private TextFile() {}

  /** Opens a file for reading its uncompressed bytes. */
  static InputStream open(Path file) {
    checkReadable(file);
    InputStream raw = null;
    try {
      raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
      return decompress(file, raw);
    } catch (IOException e) {
      closeQuietly(raw, e);
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeQuietly(raw, e);
      throw e;
    }
  }

  private static void checkReadable(Path file) {
    if (!Files.exists(file)) {
      throw new UserException(file + ": no such file; expected text, plain, gzip, zstd or xz");
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
    raw.mark(BUFFER);
    byte[] head = raw.readNBytes(8);
    raw.reset();
    if (startsWith(head, 0x1f, 0x8b)) {
      return new GZIPInputStream(raw, BUFFER);
    }
    if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new ZstdInputStream(raw);
    }
    if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return new XZInputStream(raw, XZ_MEMORY_KIB);
    }
    for (Map.Entry<String, int[]> format : UNSUPPORTED.entrySet()) {
      if (startsWith(head, format.getValue())) {
        throw new UserException(
            file
                + ": is in "
                + format.getKey()
                + " format; expected text, plain, gzip, zstd or xz");
      }
    }
    return raw;
  }

  private static boolean startsWith(byte[] head, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= head.length || (head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
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
