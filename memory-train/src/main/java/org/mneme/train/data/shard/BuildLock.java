// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one builder at a time work on a file, among the threads and processes of a machine, so that
 * the others find it made. The system gives the lock of a process back when it ends, however it
 * ends.
 *
 * <p>This saves work and is not what keeps the file whole: that is done by writing beside its place
 * and moving. On a file system without locks, and where a builder fails while two others wait, the
 * work may be done twice.
 */
final class BuildLock {

  private static final Logger LOG = LoggerFactory.getLogger(BuildLock.class);

  /**
   * Threads take turns before they open the lock's file: a process that closes any handle of it
   * gives back its lock (POSIX), and may not lock it twice (Java).
   */
  private static final Interner<Path> TURNS = Interners.newWeakInterner();

  /** Work on a file. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  private BuildLock() {}

  /** Runs the work while nobody else works on the same target. */
  static <T> T holding(Path target, Work<T> work) throws IOException {
    Path path = lockFile(target.toAbsolutePath());
    synchronized (TURNS.intern(path)) {
      Files.createDirectories(path.getParent());
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock(channel, target);
        try {
          return work.run();
        } finally {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private static Path lockFile(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".lock");
  }

  private static void lock(FileChannel channel, Path target) {
    try {
      if (channel.tryLock() == null) {
        LOG.info("{}: another process is making it; waiting for it", target);
        channel.lock();
      }
    } catch (IOException e) {
      LOG.warn("{}: cannot be locked ({}); going on without a lock", target, e.getMessage());
    }
  }
}
