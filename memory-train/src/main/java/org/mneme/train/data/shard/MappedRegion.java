// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * A part of a file as little-endian numbers, read through as many mappings as its size asks for,
 * since one mapping holds less than 2 GiB.
 */
final class MappedRegion {

  /** A multiple of every width, so that no number lies across two segments. */
  static final int SEGMENT = 1 << 30;

  private final ByteBuffer[] segments;
  private final int shift;
  private final int mask;

  /**
   * Maps a region. The mappings outlive the channel.
   *
   * @param segmentBytes bytes of a segment, a power of two, at least 8
   */
  MappedRegion(FileChannel channel, long offset, long bytes, int segmentBytes) throws IOException {
    shift = Integer.numberOfTrailingZeros(segmentBytes);
    mask = segmentBytes - 1;
    segments = new ByteBuffer[Math.toIntExact((bytes + segmentBytes - 1) / segmentBytes)];
    for (int i = 0; i < segments.length; i++) {
      long start = (long) i << shift;
      long length = Math.min(segmentBytes, bytes - start);
      segments[i] =
          channel
              .map(FileChannel.MapMode.READ_ONLY, offset + start, length)
              .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Returns the unsigned 16-bit number with an index. */
  int unsignedShort(long index) {
    long at = index * Short.BYTES;
    return Short.toUnsignedInt(segments[(int) (at >>> shift)].getShort((int) at & mask));
  }

  /** Returns the 32-bit number with an index. */
  int integer(long index) {
    long at = index * Integer.BYTES;
    return segments[(int) (at >>> shift)].getInt((int) at & mask);
  }

  /** Returns the 64-bit number with an index. */
  long longInteger(long index) {
    long at = index * Long.BYTES;
    return segments[(int) (at >>> shift)].getLong((int) at & mask);
  }
}
