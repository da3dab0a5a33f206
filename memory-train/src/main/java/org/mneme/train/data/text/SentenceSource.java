// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.nio.file.Path;
import java.util.Objects;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.SourceFingerprint;

/**
 * A file of sentences, such as the knowledge that a memory begins with: JSON, JSONL or plain text;
 * plain, gzip, zstd or xz. It is streamed and may be larger than memory. Each sentence is a
 * document.
 *
 * @param file the file
 * @param format how it holds them
 * @param field in JSON, the key of the sentence or the keys on the way to it, such as {@code
 *     target.sentence}; "" for the keys of published files: of each object the first of {@code
 *     sentence}, {@code text}, {@code target} and {@code sentences} that it has, and within it
 *     again
 * @param badLines what happens at a line, or an element of JSON, without a sentence
 */
public record SentenceSource(Path file, SentenceFormat format, String field, BadLines badLines)
    implements DocumentSource {

  /** Refuses null. */
  public SentenceSource {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(badLines, "badLines");
  }

  /** A file of any of the formats, with the keys of published files. */
  public SentenceSource(Path file) {
    this(file, SentenceFormat.AUTO, "", BadLines.STOP);
  }

  @Override
  public String name() {
    return file.getFileName().toString();
  }

  @Override
  public SourceFingerprint fingerprint() {
    // Fails as reading does where the file is missing or no file.
    open().close();
    String found = format.resolve(file).name();
    return SourceFingerprint.of(DataFile.of(file), found, "|", field, badLines.inWords());
  }

  @Override
  public DocumentCursor open() {
    SentenceFields fields = SentenceFields.of(field);
    return switch (format.resolve(file)) {
      case JSONL -> lines(new JsonSentences(fields));
      case TEXT -> lines(new PlainSentences());
      default -> new JsonSentenceCursor(file, fields, badLines, TextFile.open(file));
    };
  }

  private DocumentCursor lines(LineFormat lines) {
    return new LineCursor(file, lines, badLines, TextFile.open(file));
  }
}
