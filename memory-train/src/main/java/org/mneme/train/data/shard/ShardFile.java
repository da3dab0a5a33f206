// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;

/** Reads parts of a file, window by window. Safe for use by several threads. */
final class ShardFile implements AutoCloseable {

  /** Bytes that are read at once; a multiple of every width of a number. */
  static final int WINDOW = 1 << 16;

  private final Path file;
  private final int windowBytes;
  private final long size;
  private FileChannel channel;

  /** Takes a window of the file. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes bytes.
     *
     * @param position where in the file they are
     * @param bytes little-endian, valid until this returns
     */
    void accept(long position, ByteBuffer bytes);
  }

  private ShardFile(Path file, int windowBytes) throws IOException {
    this.file = file;
    this.windowBytes = windowBytes;
    this.channel = FileChannel.open(file);
    this.size = channel.size();
  }

  /** Opens a file that is read in windows of {@code windowBytes} bytes, a multiple of 8. */
  static ShardFile open(Path file, int windowBytes) {
    try {
      return new ShardFile(file, windowBytes);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserException unreadable(Path file, IOException e) {
    return FileFault.cannotBe(file, "read", e);
  }

  /** Returns the size that the file had when it was opened. */
  long size() {
    return size;
  }

  /** Returns the first bytes, fewer where the file is shorter. */
  ByteBuffer head(int bytes) {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(bytes, size));
    fill(head, 0);
    return head.flip();
  }

  /**
   * Reads a part of the file.
   *
   * @throws UserException when the file has become shorter
   */
  void read(long from, long to, Sink sink) {
    ByteBuffer window = ByteBuffer.allocate((int) Math.min(windowBytes, to - from));
    window.order(ByteOrder.LITTLE_ENDIAN);
    for (long at = from; at < to; at += window.limit()) {
      window.clear().limit((int) Math.min(window.capacity(), to - at));
      fill(window, at);
      sink.accept(at, window.flip());
    }
  }

  private void fill(ByteBuffer target, long from) {
    try {
      long at = from;
      while (target.hasRemaining()) {
        int read = readSome(target, at);
        if (read < 0) {
          throw new UserException(
              file
                  + ": was cut while it was in use: expected "
                  + size
                  + " bytes, got "
                  + at
                  + ". Start again: it is made anew.");
        }
        at += read;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Reads on where another thread was interrupted, which closes the channel for all. */
  private int readSome(ByteBuffer target, long at) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel present = present();
        try {
          return present.read(target, at);
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(present);
        } catch (ClosedChannelException e) {
          reopen(present);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized FileChannel present() {
    return channel;
  }

  private synchronized void reopen(FileChannel closed) throws IOException {
    if (channel == closed) {
      channel = FileChannel.open(file);
    }
  }

  @Override
  public synchronized void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
