// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.mneme.model.io.AtomicFile;

/**
 * Appends records to a new file, in the framing of TensorFlow's {@code record_writer.h}: the length
 * of the data (8 bytes), its masked CRC-32C (4), the data, their masked CRC-32C (4), all
 * little-endian. A record is in the file as soon as it was written.
 */
final class RecordFile implements AutoCloseable {
  private static final int MASK_DELTA = 0xa282ead8;
  private static final int MASK_SHIFT = 15;

  private final FileChannel channel;

  /** Makes the file, which must not be there. */
  RecordFile(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Adds a record. If that fails, the file is what it was, so that others can follow. */
  void append(byte[] data) throws IOException {
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(maskedCrc(record.array(), 0, Long.BYTES));
    record.put(data).putInt(maskedCrc(data, 0, data.length)).flip();
    long end = channel.position();
    try {
      AtomicFile.writeFully(channel, record);
    } catch (IOException e) {
      channel.truncate(end);
      throw e;
    }
  }

  /** The checksum, rotated and offset, since that of data with checksums in them says little. */
  private static int maskedCrc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), MASK_SHIFT) + MASK_DELTA;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
