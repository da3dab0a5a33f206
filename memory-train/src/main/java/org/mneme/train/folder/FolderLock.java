// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exclusive right to write to a folder, among the threads and processes that use this class:
 * take it first, then change files.
 *
 * <p>The system releases the lock when its process ends, however it ends. The lock's file {@value
 * #NAME} holds the number of the process and is never deleted: a process that locked a deleted file
 * would exclude nobody. On a file system without locks a warning is logged, and a live process
 * whose number is in the file is respected.
 */
public final class FolderLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
  private static final String NAME = ".lock";

  /** The locked byte, at the end of all files, so that the number can be read everywhere. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  /**
   * Folders that this process holds. The system's lock alone would not do: a process that closes
   * any handle of a file loses its lock on it (POSIX), so a second attempt must not open the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Acquires the right to write to a folder, which is made if it does not exist, and does not wait.
   *
   * @throws UserException if another thread or process holds it, or the folder cannot be written
   */
  public static FolderLock acquire(Path folder) {
    Path real = null;
    try {
      AtomicFile.createDirectories(folder);
      Path held = folder.toRealPath();
      if (!HELD.add(held)) {
        throw busy(folder, Optional.of(ProcessHandle.current()));
      }
      real = held;
      FolderLock lock = new FolderLock(real, open(folder));
      real = null;
      return lock;
    } catch (IOException e) {
      throw FileFault.cannotBe(folder, "locked for writing", e);
    } finally {
      if (real != null) {
        HELD.remove(real);
      }
    }
  }

  private static FileChannel open(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    Optional<ProcessHandle> owner = ProcessFile.read(file);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!lock(channel, folder, owner)) {
        throw busy(folder, owner);
      }
      writeNumber(channel, folder);
      return channel;
    } catch (RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** For messages, and where there are no locks; a full disk is no reason to give up. */
  private static void writeNumber(FileChannel channel, Path folder) {
    String number = ProcessHandle.current().pid() + "\n";
    try {
      channel.truncate(0);
      AtomicFile.writeFully(channel, ByteBuffer.wrap(number.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      LOG.warn("{}: the number of the process cannot be written: {}", folder, FileFault.reason(e));
    }
  }

  private static boolean lock(FileChannel channel, Path folder, Optional<ProcessHandle> owner) {
    try {
      return channel.tryLock(PLACE, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "{}: the file system has no locks ({}). The run continues without one: start no other"
              + " run in this folder before it has ended",
          folder,
          e.getMessage());
      return owner.isEmpty() || owner.get().equals(ProcessHandle.current());
    }
  }

  private static UserException busy(Path folder, Optional<ProcessHandle> owner) {
    return new UserException(
        folder
            + ": in use by "
            + owner.map(process -> "process " + process.pid()).orElse("another process")
            + ", expected a folder in which nothing runs. Wait until it has ended, or stop it");
  }

  /** Returns whether a file is that of a lock, which must not be deleted with what it protects. */
  public static boolean isLockFile(Path file) {
    return file.getFileName().toString().equals(NAME);
  }

  /** Deletes the lock's file, before the folder itself is deleted; never for another reason. */
  public void deleteFile() throws IOException {
    Files.deleteIfExists(folder.resolve(NAME));
  }

  /** Releases the folder; the number in the lock's file is removed first. */
  @Override
  public void close() {
    try (channel) {
      channel.truncate(0);
    } catch (IOException e) {
      LOG.warn("{}: the lock's file cannot be closed: {}", folder, FileFault.reason(e));
    } finally {
      HELD.remove(folder);
    }
  }
}
