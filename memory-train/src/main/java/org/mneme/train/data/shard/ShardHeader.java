// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.mneme.compute.UserException;

/**
 * The first {@value #BYTES} bytes of a token shard, little-endian: magic (8 bytes), version (i32),
 * bytes of a token (i32: 2 for u16, 4 for i32), documents (i64), tokens (i64), vocabulary size
 * (i32), bytes of the notes (i32), SHA-256 of the source (32 bytes), SHA-256 of the tokenizer (32
 * bytes), CRC-32C of everything else in the file (i32: what follows the header first, then the
 * header with 0 in this place), zeros.
 *
 * <p>Behind it lie the tokens of all documents, zeros up to a multiple of 8 bytes, for every
 * document and for the end of the last the number of tokens before it (i64), and the {@link
 * ShardNotes}.
 *
 * @param width bytes of a token
 * @param documents number of documents
 * @param tokens number of tokens of all documents
 * @param vocabularySize number of ids of the tokenizer
 * @param notesBytes bytes of the notes
 * @param source SHA-256 of the source
 * @param tokenizer SHA-256 of the tokenizer
 */
record ShardHeader(
    int width,
    long documents,
    long tokens,
    int vocabularySize,
    int notesBytes,
    HashCode source,
    HashCode tokenizer) {

  static final int BYTES = 128;
  static final int U16 = 2;
  static final int I32 = 4;

  private static final byte[] MAGIC = "MNEMETOK".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 3;

  /** Where the checksum is stored. */
  private static final int CHECKSUM_AT = 104;

  private static final int HASH_BYTES = 32;
  private static final int MOST_NOTES_BYTES = 1 << 24;

  /** Returns the bytes of a token of a vocabulary. */
  static int widthFor(int vocabularySize) {
    return vocabularySize <= 1 << 16 ? U16 : I32;
  }

  /**
   * Returns the bytes of the header.
   *
   * @param body the checksum of what follows it, which is continued
   */
  ByteBuffer encode(CRC32C body) {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).putInt(VERSION).putInt(width).putLong(documents).putLong(tokens);
    buffer.putInt(vocabularySize).putInt(notesBytes);
    buffer.put(source.asBytes()).put(tokenizer.asBytes());
    body.update(buffer.rewind());
    return buffer.putInt(CHECKSUM_AT, (int) body.getValue()).rewind();
  }

  /**
   * Compares the checksum of a file.
   *
   * @param header the first bytes of the file
   * @param body the checksum of what follows them, which is continued
   * @throws UserException where it is not the one that the header gives
   */
  static void requireChecksum(Path file, ByteBuffer header, CRC32C body) {
    ByteBuffer copy = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(header.duplicate().rewind()).flip();
    int expected = copy.getInt(CHECKSUM_AT);
    body.update(copy.putInt(CHECKSUM_AT, 0));
    if ((int) body.getValue() != expected) {
      throw bad(
          file,
          "contents with the checksum " + Integer.toHexString((int) body.getValue()),
          Integer.toHexString(expected));
    }
  }

  /**
   * Reads a header and checks that it describes a file of {@code fileBytes} bytes.
   *
   * @param buffer the first bytes of the file, fewer than {@link #BYTES} where it is shorter
   */
  static ShardHeader decode(Path file, ByteBuffer buffer, long fileBytes) {
    if (buffer.remaining() < BYTES) {
      throw bad(file, "its size, " + fileBytes + " bytes", "a header of " + BYTES);
    }
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    buffer.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw bad(file, "its first bytes", "\"MNEMETOK\"");
    }
    int version = buffer.getInt();
    if (version != VERSION) {
      throw bad(file, "version " + version, "version " + VERSION);
    }
    int width = buffer.getInt();
    long documents = buffer.getLong();
    long tokens = buffer.getLong();
    int vocabularySize = buffer.getInt();
    int notesBytes = buffer.getInt();
    ShardHeader header =
        new ShardHeader(
            width, documents, tokens, vocabularySize, notesBytes, hash(buffer), hash(buffer));
    header.check(file, fileBytes);
    return header;
  }

  private static HashCode hash(ByteBuffer buffer) {
    byte[] bytes = new byte[HASH_BYTES];
    buffer.get(bytes);
    return HashCode.fromBytes(bytes);
  }

  private void check(Path file, long fileBytes) {
    if (vocabularySize < 1 || width != widthFor(vocabularySize)) {
      throw bad(
          file, width + " bytes a token for a vocabulary of " + vocabularySize, "2 up to 65536");
    }
    // Both are bounded by the size of the file before they are multiplied.
    if (documents < 1 || documents > Integer.MAX_VALUE - 8 || documents > fileBytes / Long.BYTES) {
      throw bad(file, documents + " documents in " + fileBytes + " bytes", "at least 1 that fits");
    }
    if (tokens < documents || tokens > fileBytes / width) {
      throw bad(file, tokens + " tokens in " + fileBytes + " bytes", "at least one a document");
    }
    if (notesBytes < 0 || notesBytes > MOST_NOTES_BYTES) {
      throw bad(file, notesBytes + " bytes of notes", "0 to " + MOST_NOTES_BYTES);
    }
    long expected = notesOffset() + notesBytes;
    if (expected != fileBytes) {
      throw bad(file, "a size of " + fileBytes + " bytes", expected + " by its header");
    }
  }

  /** Returns where the table of the documents' starts begins, in bytes. */
  long startsOffset() {
    return BYTES + (tokens * width + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /** Returns where the notes begin, in bytes. */
  long notesOffset() {
    return startsOffset() + (documents + 1) * Long.BYTES;
  }

  /**
   * Reads the next token of a buffer.
   *
   * @param place its number in the file, for messages
   * @throws UserException when it is not in the vocabulary
   */
  int token(Path file, ByteBuffer bytes, long place) {
    int token = width == U16 ? Short.toUnsignedInt(bytes.getShort()) : bytes.getInt();
    if (token < 0 || token >= vocabularySize) {
      throw bad(file, "token " + token + " at " + place, "below " + vocabularySize);
    }
    return token;
  }

  static UserException bad(Path file, String found, String expected) {
    return new UserException(
        file + ": not a usable token shard: expected " + expected + ", got " + found);
  }
}
