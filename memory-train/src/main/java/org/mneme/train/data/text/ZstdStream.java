// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Objects;
import org.mneme.compute.UnpackedLibraries;

/**
 * Decompresses Zstandard (RFC 8878), of any number of frames, skippable ones included, with windows
 * of up to 2 GiB. A frame ends with its checksum, where it has one; a file ends with a frame.
 */
final class ZstdStream extends DecompressedStream {

  /** The largest window that {@code zstd --long=31} writes, as a power of two. */
  private static final int LONGEST = 31;

  /** Error codes of the format: a window above the limit, a frame that needs a dictionary. */
  private static final int WINDOW_TOO_LARGE = -16;

  private static final int DICTIONARY_WRONG = -32;

  /** Bytes that a byte of a compressed file gives at most, rounded up: a block of one repeated. */
  private static final long MOST_EXPANSION = 1 << 15;

  /** The longest start of a frame that gives the size of its window. */
  private static final int WINDOW_BYTES = 6;

  private static final int MAGIC = 0xfd2fb528;
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final long mostBytes;
  private final long memoryLimit;
  private final ZstdDecompressCtx context = context();
  private final byte[] block = new byte[BUFFER];
  private final ByteBuffer compressed =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer plain = ByteBuffer.allocateDirect(BUFFER);

  /** Bytes of the file before the buffer. */
  private long before;

  private long frameStart;
  private boolean inFrame;
  private boolean ended;

  /**
   * Decompresses a stream, which is closed with this one.
   *
   * @param bytes the size of the compressed file, for what it can give at most
   */
  ZstdStream(InputStream in, long bytes) {
    this(in, bytes, machineMemory() / 2);
  }

  ZstdStream(InputStream in, long bytes, long memoryLimit) {
    this.in = in;
    this.mostBytes = Math.min(bytes, Long.MAX_VALUE / MOST_EXPANSION) * MOST_EXPANSION;
    this.memoryLimit = memoryLimit;
    context.setLongMax(LONGEST);
    compressed.flip();
    plain.flip();
  }

  private static ZstdDecompressCtx context() {
    try {
      return new ZstdDecompressCtx();
    } catch (LinkageError e) {
      throw UnpackedLibraries.cannotBeLoaded(
          "the native library of Zstandard", e, "JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER");
    }
  }

  private static long machineMemory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
        ? machine.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    while (!plain.hasRemaining() && length > 0) {
      if (ended) {
        return -1;
      }
      advance();
    }
    int count = Math.min(length, plain.remaining());
    plain.get(target, offset, count);
    return count;
  }

  /** Decompresses as much as fits, or finds the end of the file. */
  private void advance() throws IOException {
    boolean fed = compressed.hasRemaining() || fill();
    if (!inFrame) {
      frameStart = position();
      requireMemory();
    }
    if (!fed && !inFrame) {
      ended = true;
      return;
    }
    int given = compressed.remaining();
    plain.clear();
    try {
      inFrame = !context.decompressDirectByteBufferStream(plain, compressed);
    } catch (ZstdException e) {
      throw refused(e);
    } finally {
      plain.flip();
    }
    if (inFrame && !fed && !plain.hasRemaining() && compressed.remaining() == given) {
      throw new DamagedDataException("zstd: the file ends within a frame" + inFrame(), position());
    }
  }

  /** Refuses a frame whose window would be filled and does not fit into the machine. */
  private void requireMemory() throws IOException {
    while (compressed.remaining() < WINDOW_BYTES && fill()) {
      // The start of a frame may lie in two parts of the file.
    }
    int at = compressed.position();
    if (compressed.remaining() < WINDOW_BYTES
        || compressed.getInt(at) != MAGIC
        || (compressed.get(at + 4) & SINGLE_SEGMENT) != 0) {
      return;
    }
    int descriptor = compressed.get(at + 5) & 0xff;
    int log = 10 + (descriptor >> 3);
    long window = (8L + (descriptor & 7)) << (log - 3);
    if (log <= LONGEST && Math.min(window, mostBytes) > memoryLimit) {
      throw new UnsupportedDataException(
          String.format(
              Locale.ROOT,
              "zstd: needs a window of %d MiB, half of the machine's memory is %d MiB;"
                  + " compress it again without --long and --ultra",
              window >> 20,
              memoryLimit >> 20));
    }
  }

  private IOException refused(ZstdException e) {
    if (e.getErrorCode() == WINDOW_TOO_LARGE) {
      return new UnsupportedDataException(
          "zstd: needs a window of more than 2 GiB, the most of --long=31" + inFrame(), e);
    }
    if (e.getErrorCode() == DICTIONARY_WRONG) {
      return new UnsupportedDataException(
          "zstd: is compressed with a dictionary; compress it again without" + inFrame(), e);
    }
    if (startsWithLz4()) {
      return new UnsupportedDataException(
          "is in LZ4 format; decompress it, or compress it with gzip, zstd or xz", e);
    }
    return new DamagedDataException("zstd: " + e.getMessage() + inFrame(), position(), e);
  }

  private String inFrame() {
    return " (of the frame from byte " + frameStart + ")";
  }

  private boolean startsWithLz4() {
    return compressed.remaining() >= Integer.BYTES
        && compressed.getInt(compressed.position()) == 0x184d2204;
  }

  /** Reads more of the file, after what is left of the buffer. */
  private boolean fill() throws IOException {
    before += compressed.position();
    compressed.compact();
    int read = in.read(block, 0, compressed.remaining());
    compressed.put(block, 0, Math.max(0, read));
    compressed.flip();
    return read >= 0;
  }

  private long position() {
    return before + compressed.position();
  }

  @Override
  public void close() throws IOException {
    context.close();
    in.close();
  }
}
