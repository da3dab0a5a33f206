// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes a token shard to an empty file: tokens as they come, the header when all are there. */
final class ShardWriter {

  private static final int BUFFER = 1 << 20;

  private final FileChannel channel;
  private final int vocabularySize;
  private final int width;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private long[] starts = new long[1024];
  private int documents;
  private long tokens;

  ShardWriter(FileChannel channel, int vocabularySize) throws IOException {
    this.channel = channel;
    this.vocabularySize = vocabularySize;
    this.width = ShardHeader.widthFor(vocabularySize);
    channel.position(ShardHeader.BYTES);
  }

  /** Adds the tokens of a document, which are at least one. */
  void add(int[] document) throws IOException {
    for (int token : document) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "token " + token + ", expected 0 to " + (vocabularySize - 1));
      }
      makeRoom(width);
      if (width == ShardHeader.U16) {
        buffer.putShort((short) token);
      } else {
        buffer.putInt(token);
      }
    }
    tokens += document.length;
    documents++;
    if (documents == starts.length) {
      starts = Arrays.copyOf(starts, Math.multiplyExact(2, documents));
    }
    starts[documents] = tokens;
  }

  int documents() {
    return documents;
  }

  long tokens() {
    return tokens;
  }

  /** Writes what is still missing. */
  void finish(HashCode source, HashCode tokenizer, ShardNotes notes) throws IOException {
    flush();
    byte[] told = notes.encode();
    ShardHeader header =
        new ShardHeader(width, documents, tokens, vocabularySize, told.length, source, tokenizer);
    int padding = (int) (header.startsOffset() - channel.position());
    buffer.put(new byte[padding]);
    for (int document = 0; document <= documents; document++) {
      makeRoom(Long.BYTES);
      buffer.putLong(starts[document]);
    }
    flush();
    checksum.update(told);
    write(ByteBuffer.wrap(told), header.notesOffset());
    write(header.encode(checksum), 0);
  }

  private void makeRoom(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    checksum.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private void write(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }
}
