// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentSource;

/**
 * A file of tokenised documents, of which the tokens stay on the disk: it may be larger than the
 * heap and than 2 GiB. Documents are numbered from 0 in the order of their source; those without a
 * token are left out. Tokens are those of the text alone: no begin, no end.
 *
 * <p>A file is read once from end to end when it is opened, to compare its checksum and to find ids
 * outside of the vocabulary. Tokens are read and not mapped: where a mapped file is cut, the
 * machine raises a fault in any thread that reads it, without the name of the file.
 *
 * <p>Safe for use by several threads. The file is closed when the object is collected.
 */
public final class TokenShard {

  private final Path file;
  private final ShardHeader header;
  private final ShardFile contents;
  private final long[] starts;
  private final ShardNotes notes;

  private TokenShard(
      Path file, ShardHeader header, ShardFile contents, long[] starts, ShardNotes notes) {
    this.file = file;
    this.header = header;
    this.contents = contents;
    this.starts = starts;
    this.notes = notes;
  }

  /**
   * Opens a shard. Its checksum, sizes, documents and ids are checked before anything is used.
   *
   * @throws UserException when the file is missing, damaged or not a shard
   */
  public static TokenShard open(Path file) {
    return open(file, ShardFile.WINDOW);
  }

  static TokenShard open(Path file, int windowBytes) {
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": no such file; expected a token shard");
    }
    ShardFile contents = ShardFile.open(file, windowBytes);
    boolean good = false;
    try {
      ByteBuffer first = contents.head(ShardHeader.BYTES);
      ShardHeader header = ShardHeader.decode(file, first.duplicate(), contents.size());
      ShardCheck check = new ShardCheck(file, header);
      contents.read(ShardHeader.BYTES, contents.size(), check::accept);
      ShardHeader.requireChecksum(file, first, check.checksum());
      TokenShard shard = new TokenShard(file, header, contents, check.starts(), check.notes());
      good = true;
      return shard;
    } finally {
      if (!good) {
        contents.close();
      }
    }
  }

  /** The same tokens, found again for a source that may have other names by now. */
  TokenShard of(String name, List<DataFile> files) {
    ShardNotes present = new ShardNotes(name, files, notes.emptyDocuments(), notes.skippedLines());
    return new TokenShard(file, header, contents, starts, present);
  }

  /** Returns what the shard was made of. */
  public DataSummary summary() {
    return new DataSummary(
        notes.name(),
        notes.files(),
        sourceSha256().toString(),
        tokenizerSha256().toString(),
        file.toString(),
        documents(),
        notes.emptyDocuments(),
        tokens(),
        notes.skippedLines());
  }

  /** Returns the number of documents, at least 1. */
  public int documents() {
    return (int) header.documents();
  }

  /** Returns the number of tokens of all documents. */
  public long tokens() {
    return header.tokens();
  }

  /** Returns the number of ids of the vocabulary; every token is below it. */
  public int vocabularySize() {
    return header.vocabularySize();
  }

  /** Returns the SHA-256 of the source, as {@link DocumentSource#sha256()} gives it. */
  public HashCode sourceSha256() {
    return header.source();
  }

  /** Returns the SHA-256 of the tokenizer. */
  public HashCode tokenizerSha256() {
    return header.tokenizer();
  }

  /** Returns the file. */
  public Path file() {
    return file;
  }

  /** Returns the number of tokens of a document, at least 1. */
  public int length(int document) {
    Objects.checkIndex(document, documents());
    return (int) (starts[document + 1] - starts[document]);
  }

  /** Returns the tokens of a document. */
  public int[] tokens(int document) {
    int[] all = new int[length(document)];
    copy(document, 0, all.length, all, 0);
    return all;
  }

  /**
   * Copies some tokens of a document.
   *
   * @param from index of the first within the document
   * @throws UserException when the file was changed since it was opened
   */
  public void copy(int document, int from, int count, int[] target, int offset) {
    Objects.checkFromIndexSize(from, count, length(document));
    Objects.checkFromIndexSize(offset, count, target.length);
    long first = starts[document] + from;
    int width = header.width();
    int[] at = {offset};
    contents.read(
        ShardHeader.BYTES + first * width,
        ShardHeader.BYTES + (first + count) * width,
        (position, bytes) -> {
          while (bytes.hasRemaining()) {
            target[at[0]] = header.token(file, bytes, first + at[0] - offset);
            at[0]++;
          }
        });
  }
}
