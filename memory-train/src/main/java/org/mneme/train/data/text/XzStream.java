// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.google.common.io.CountingInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * Decompresses xz, of any number of streams with padding between them, and reports what is wrong
 * with its position.
 */
final class XzStream extends DecompressedStream {

  /** A dictionary of xz -9 takes 64 MiB. */
  private static final long MOST_MEMORY = 1L << 28;

  private final CountingInputStream in;
  private final XZInputStream xz;

  /** Decompresses a stream, which is closed with this one. */
  XzStream(InputStream in) throws IOException {
    this(in, Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 2));
  }

  XzStream(InputStream in, long memoryLimit) throws IOException {
    this.in = new CountingInputStream(in);
    try {
      this.xz = new XZInputStream(this.in, Math.toIntExact(memoryLimit >> 10));
    } catch (EOFException | XZIOException e) {
      throw explained(e);
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return xz.read(target, offset, length);
    } catch (EOFException | XZIOException e) {
      throw explained(e);
    }
  }

  private IOException explained(IOException e) {
    if (e instanceof MemoryLimitException limit) {
      return new UnsupportedDataException(
          String.format(
              Locale.ROOT,
              "xz: needs %d MiB of memory for its dictionary, at most %d MiB are given to it;"
                  + " compress it again with xz -9 or a lower level",
              (limit.getMemoryNeeded() + 1023) >> 10,
              limit.getMemoryLimit() >> 10),
          e);
    }
    if (e instanceof UnsupportedOptionsException) {
      return new UnsupportedDataException(
          "xz: " + e.getMessage() + "; compress it again with xz -9 or a lower level", e);
    }
    String found = e instanceof EOFException ? "the file ends within a stream" : e.getMessage();
    return new DamagedDataException("xz: " + found, in.getCount(), e);
  }

  @Override
  public void close() throws IOException {
    xz.close();
  }
}
