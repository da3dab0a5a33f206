// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentSource;

/**
 * A file of tokenised documents, mapped into memory: it may be larger than the heap and than 2 GiB.
 * Documents are numbered from 0 in the order of their source; those without a token are left out.
 * Tokens are those of the text alone: no begin, no end.
 *
 * <p>Safe for use by several threads. The mapping ends when the object is collected.
 */
public final class TokenShard {

  private final Path file;
  private final ShardHeader header;
  private final MappedRegion tokens;
  private final MappedRegion starts;
  private final ShardNotes notes;

  private TokenShard(Path file, ShardHeader header, FileChannel channel, int segmentBytes)
      throws IOException {
    this.file = file;
    this.header = header;
    long tokenBytes = header.tokens() * header.width();
    this.tokens = new MappedRegion(channel, ShardHeader.BYTES, tokenBytes, segmentBytes);
    long startsBytes = (header.documents() + 1) * Long.BYTES;
    this.starts = new MappedRegion(channel, header.startsOffset(), startsBytes, segmentBytes);
    ByteBuffer told = ByteBuffer.allocate(header.notesBytes());
    readFully(channel, told, header.notesOffset());
    this.notes = ShardNotes.decode(file, told.array());
  }

  private TokenShard(TokenShard shard, ShardNotes notes) {
    this.file = shard.file;
    this.header = shard.header;
    this.tokens = shard.tokens;
    this.starts = shard.starts;
    this.notes = notes;
  }

  /**
   * Opens a shard. Sizes and the table of documents are checked before anything is used.
   *
   * @throws UserException when the file is missing, cut short or no shard
   */
  public static TokenShard open(Path file) {
    return open(file, MappedRegion.SEGMENT);
  }

  static TokenShard open(Path file, int segmentBytes) {
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": no such file; expected a token shard");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer first = ByteBuffer.allocate(ShardHeader.BYTES);
      readFully(channel, first, 0);
      ShardHeader header = ShardHeader.decode(file, first.flip(), channel.size());
      TokenShard shard = new TokenShard(file, header, channel, segmentBytes);
      shard.checkStarts();
      return shard;
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer target, long from)
      throws IOException {
    long at = from;
    int read = 0;
    while (target.hasRemaining() && read >= 0) {
      read = channel.read(target, at);
      at += Math.max(0, read);
    }
  }

  /** The same tokens, found again for a source that may have other names by now. */
  TokenShard of(String name, List<DataFile> files) {
    ShardNotes present = new ShardNotes(name, files, notes.emptyDocuments(), notes.skippedLines());
    return new TokenShard(this, present);
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

  private void checkStarts() {
    long before = starts.longInteger(0);
    if (before != 0) {
      throw ShardHeader.bad(file, "document 0 from token " + before, "0");
    }
    for (int document = 0; document < documents(); document++) {
      long start = before;
      before = starts.longInteger(document + 1L);
      if (before <= start || before > tokens() || before - start > Integer.MAX_VALUE - 8) {
        throw ShardHeader.bad(
            file, "document " + document + " from token " + start + " to " + before, "ascending");
      }
    }
    if (before != tokens()) {
      throw ShardHeader.bad(file, "an end at token " + before, String.valueOf(tokens()));
    }
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
    return (int) (starts.longInteger(document + 1L) - starts.longInteger(document));
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
   * @throws UserException when a token is not in the vocabulary: the file is damaged
   */
  public void copy(int document, int from, int count, int[] target, int offset) {
    Objects.checkFromIndexSize(from, count, length(document));
    Objects.checkFromIndexSize(offset, count, target.length);
    long start = starts.longInteger(document) + from;
    boolean narrow = header.width() == ShardHeader.U16;
    for (int i = 0; i < count; i++) {
      int token = narrow ? tokens.unsignedShort(start + i) : tokens.integer(start + i);
      if (token < 0 || token >= header.vocabularySize()) {
        throw ShardHeader.bad(
            file, "token " + token + " at " + (start + i), "below " + header.vocabularySize());
      }
      target[offset + i] = token;
    }
  }
}
