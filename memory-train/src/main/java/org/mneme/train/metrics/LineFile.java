// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.google.common.base.Preconditions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file to which one process appends lines. Only whole lines count: what a crash or a full disk
 * left of one is cut off. Lines that cannot be written are kept and tried again with the next.
 */
final class LineFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LineFile.class);
  private static final int PIECE = 1 << 12;

  private final Path path;
  private FileChannel channel;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private long length;
  private boolean failing;

  /**
   * Opens the file behind its last whole line, or makes it.
   *
   * @throws UserException if it cannot be opened, or another training writes to it
   */
  LineFile(Path path) {
    this.path = path;
    try {
      open();
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "opened", e);
    }
  }

  private void open() throws IOException {
    FileChannel opened =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(opened);
      length = endOfLastLine(opened);
      channel = opened;
      opened = null;
    } finally {
      closeQuietly(opened);
    }
  }

  /** Acquires a lock, far past the end so that others may read, that ends with the process. */
  private void lock(FileChannel opened) {
    try {
      if (opened.tryLock(Long.MAX_VALUE - 1, 1, false) != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is locked by this process", path);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "{}: the file system has no locks ({}); it is written without one", path, e.getMessage());
      return;
    }
    throw new UserException(
        path + ": another training writes to this file; expected a run that is not going on");
  }

  private static long endOfLastLine(FileChannel opened) throws IOException {
    long end = opened.size();
    while (end > 0) {
      long from = Math.max(0, end - PIECE);
      ByteBuffer piece = ByteBuffer.allocate((int) (end - from));
      while (piece.hasRemaining() && opened.read(piece, from + piece.position()) >= 0) {
        // A channel may read less than it was asked for.
      }
      for (int i = piece.position() - 1; i >= 0; i--) {
        if (piece.get(i) == '\n') {
          return from + i + 1;
        }
      }
      end = from;
    }
    return 0;
  }

  /** Appends a line, at once if that can be. */
  void append(String line) {
    pending.writeBytes((line + '\n').getBytes(StandardCharsets.UTF_8));
    try {
      flush();
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.error(
            "{} cannot be written: {}; its lines are kept and tried again",
            path,
            FileFault.reason(e));
      }
      failing = true;
    }
  }

  private void flush() throws IOException {
    noticeDamage();
    // Over what a failed attempt may have left.
    channel.truncate(length).position(length);
    AtomicFile.writeFully(channel, ByteBuffer.wrap(pending.toByteArray()));
    length += pending.size();
    pending.reset();
  }

  /**
   * Notices that the file was deleted or shortened by others: lines would go to a file without a
   * name, or behind a hole of zeros, until the end of the run.
   *
   * @throws UserException if the whole folder is gone
   */
  private void noticeDamage() throws IOException {
    if (!Files.exists(path)) {
      Path folder = path.toAbsolutePath().getParent();
      if (!Files.isDirectory(folder)) {
        throw new UserException(
            folder
                + ": the folder was deleted while a run writes to it, expected it to stay until"
                + " the end. Start the run again, or stop a run before you delete its folder");
      }
      LOG.error("{}: was deleted while a run writes to it; it continues with the next line", path);
      FileChannel deleted = channel;
      open();
      closeQuietly(deleted);
    } else if (channel.size() < length) {
      LOG.error(
          "{}: was shortened from {} to {} bytes while a run writes to it; what is gone is gone, and"
              + " it continues with the next line",
          path,
          length,
          channel.size());
      length = endOfLastLine(channel);
    }
  }

  /** Brings all lines to the disk and tells how many bytes they are. */
  long sync() throws IOException {
    flush();
    channel.force(true);
    return length;
  }

  /** Returns whether the file is as long, and so many of its bytes are lines that hold JSON. */
  boolean holds(long bytes) throws IOException {
    return bytes <= length && MetricsLines.areWhole(path, bytes);
  }

  /**
   * Replaces all lines; the file as it was is kept under another name.
   *
   * @return the copy; the file itself if nothing was in it
   */
  Path replace(List<String> lines) throws IOException {
    Path kept = channel.size() == 0 ? path : MetricsLines.copy(path);
    pending.reset();
    length = 0;
    lines.forEach(line -> pending.writeBytes((line + '\n').getBytes(StandardCharsets.UTF_8)));
    flush();
    return kept;
  }

  /** The file. */
  Path path() {
    return path;
  }

  /**
   * Forgets all behind a length.
   *
   * @throws UserException if the file cannot be written
   */
  void rewind(long bytes) {
    Preconditions.checkArgument(bytes <= length, "%s of %s bytes", bytes, length);
    pending.reset();
    length = bytes;
    try {
      flush();
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "cut off", e);
    }
  }

  /** Bytes of the lines that are in the file. */
  long length() {
    return length;
  }

  @Override
  public void close() {
    try {
      flush();
      channel.close();
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "written", e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(FileChannel opened) {
    try (opened) {
      // Nothing was written: there is nothing to lose.
    } catch (IOException e) {
      LOG.debug("not closed", e);
    }
  }
}
