// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;

/** How a file holds sentences. */
public enum SentenceFormat {
  /**
   * Told by the name ({@code .json}, {@code .jsonl}, {@code .txt}, behind it perhaps that of a
   * compression), else by the first character: "[" for JSON, "{" for JSONL, any other for text.
   */
  AUTO,
  /** JSON, mostly one large array. */
  JSON,
  /** JSON, a value on each line. */
  JSONL,
  /** Plain text, a sentence on each line. */
  TEXT;

  /** This format, or the one that is found. */
  SentenceFormat resolve(Path file) {
    if (this != AUTO) {
      return this;
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.replaceFirst("\\.(gz|zst|xz)$", "");
    if (plain.endsWith(".json")) {
      return JSON;
    }
    if (plain.endsWith(".jsonl")) {
      return JSONL;
    }
    return plain.endsWith(".txt") ? TEXT : byContent(file);
  }

  private static SentenceFormat byContent(Path file) {
    try (InputStream in = TextFile.open(file)) {
      int first = in.read();
      // Blanks, and the three bytes of a byte order mark.
      while (first == ' ' || first == '\t' || first == '\r' || first == '\n' || isMark(first)) {
        first = in.read();
      }
      return first == '[' ? JSON : first == '{' ? JSONL : TEXT;
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isMark(int value) {
    return value == 0xef || value == 0xbb || value == 0xbf;
  }
}
