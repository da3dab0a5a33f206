// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;

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
      while (first == ' ' || first == '\t' || first == '\r' || first == '\n') {
        first = in.read();
      }
      return first == '[' ? JSON : first == '{' ? JSONL : TEXT;
    } catch (IOException e) {
      throw TextFile.unreadable(file, 0, e);
    }
  }
}
