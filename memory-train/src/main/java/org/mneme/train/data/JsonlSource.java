// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import com.google.common.hash.HashCode;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.mneme.compute.UserException;

/**
 * A JSONL file: one JSON object a line, each with a field that holds the text of a document. Plain,
 * gzip or zstd; strict UTF-8; blank lines are passed over; other fields are ignored. It is streamed
 * and may be larger than memory.
 *
 * <p>What is wrong with a file is reported by an {@link UserException} that names the file, the
 * line (from 1), what was found and what was expected.
 *
 * @param file the file
 * @param field the name of the text field
 */
public record JsonlSource(Path file, String field) implements DocumentSource {

  /** The name of the text field where nothing else is said. */
  public static final String DEFAULT_FIELD = "text";

  /** Checks that both are given. */
  public JsonlSource {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(field, "field");
  }

  /** A file whose text field is named {@value #DEFAULT_FIELD}. */
  public JsonlSource(Path file) {
    this(file, DEFAULT_FIELD);
  }

  @Override
  public String name() {
    return file.getFileName().toString();
  }

  @Override
  public HashCode sha256() {
    // Fails as reading does where the file is missing or no file.
    open().close();
    HashFunction sha256 = Hashing.sha256();
    try {
      HashCode content = MoreFiles.asByteSource(file).hash(sha256);
      return sha256
          .newHasher()
          .putBytes(content.asBytes())
          .putString(field, StandardCharsets.UTF_8)
          .hash();
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public DocumentCursor open() {
    return new JsonlCursor(file, field, TextFile.open(file));
  }
}
