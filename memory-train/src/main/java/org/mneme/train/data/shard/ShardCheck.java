// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Takes what follows the header of a shard, in order, checks it and keeps its tables. */
final class ShardCheck {

  private final Path file;
  private final ShardHeader header;
  private final long tokensEnd;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer notes;
  private final long[] starts;
  private int documents;

  ShardCheck(Path file, ShardHeader header) {
    this.file = file;
    this.header = header;
    this.tokensEnd = ShardHeader.BYTES + header.tokens() * header.width();
    this.starts = new long[(int) header.documents() + 1];
    this.notes = ByteBuffer.allocate(header.notesBytes());
  }

  /** Takes the next bytes. */
  void accept(long position, ByteBuffer bytes) {
    checksum.update(bytes.duplicate());
    long at = position;
    while (bytes.hasRemaining()) {
      int part = take(at, bytes);
      at += part;
    }
  }

  /** Takes as many bytes as belong together, and returns how many. */
  private int take(long at, ByteBuffer bytes) {
    int before = bytes.position();
    if (at < tokensEnd) {
      long place = (at - ShardHeader.BYTES) / header.width();
      long end = before + Math.min(bytes.remaining(), tokensEnd - at);
      while (bytes.position() < end) {
        header.token(file, bytes, place++);
      }
    } else if (at < header.startsOffset()) {
      bytes.position(before + (int) Math.min(bytes.remaining(), header.startsOffset() - at));
    } else if (at < header.notesOffset()) {
      takeStart(bytes.getLong());
    } else {
      notes.put(bytes);
    }
    return bytes.position() - before;
  }

  private void takeStart(long start) {
    int index = documents++;
    starts[index] = start;
    if (index == 0) {
      if (start != 0) {
        throw ShardHeader.bad(file, "document 0 from token " + start, "0");
      }
      return;
    }
    long before = starts[index - 1];
    if (start <= before || start > header.tokens() || start - before > Integer.MAX_VALUE - 8) {
      throw ShardHeader.bad(
          file, "document " + (index - 1) + " from token " + before + " to " + start, "ascending");
    }
    if (index == header.documents() && start != header.tokens()) {
      throw ShardHeader.bad(file, "an end at token " + start, String.valueOf(header.tokens()));
    }
  }

  CRC32C checksum() {
    return checksum;
  }

  long[] starts() {
    return starts;
  }

  ShardNotes notes() {
    return ShardNotes.decode(file, notes.array());
  }
}
