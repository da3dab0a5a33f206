// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.nio.file.Path;
import java.util.Objects;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.SourceFingerprint;

/**
 * A JSONL file: one JSON object a line, each with a field that holds the text of a document. Plain,
 * gzip, zstd or xz; strict UTF-8; blank lines are passed over; other fields are ignored. It is
 * streamed and may be larger than memory; a line may have 256 MiB.
 *
 * <p>What is wrong with a file is reported by an {@link org.mneme.compute.UserException} that names
 * the file, the line (from 1), what was found and what was expected.
 *
 * @param file the file
 * @param field the name of the text field
 * @param badLines what happens at a bad line
 */
public record JsonlSource(Path file, String field, BadLines badLines) implements DocumentSource {

  /** The name of the text field where nothing else is said. */
  public static final String DEFAULT_FIELD = "text";

  /** Checks that all are given. */
  public JsonlSource {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(badLines, "badLines");
  }

  /** A file whose bad lines are errors. */
  public JsonlSource(Path file, String field) {
    this(file, field, BadLines.STOP);
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
  public SourceFingerprint fingerprint() {
    // Fails as reading does where the file is missing or no file.
    open().close();
    return SourceFingerprint.of(DataFile.of(file), field, badLines.inWords());
  }

  @Override
  public DocumentCursor open() {
    return new LineCursor(file, new JsonText(field), badLines, TextFile.open(file));
  }
}
