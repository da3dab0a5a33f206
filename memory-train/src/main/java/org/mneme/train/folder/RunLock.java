// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The exclusive right to write to the folder of a run, and the announcement of who has it. */
public final class RunLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  private final RunFolder folder;
  private final FolderLock lock;
  private volatile boolean announced;

  private RunLock(RunFolder folder, FolderLock lock) {
    this.folder = Objects.requireNonNull(folder, "folder");
    this.lock = Objects.requireNonNull(lock, "lock");
  }

  /**
   * Acquires the right to write to a run's folder, which is made if it does not exist.
   *
   * @throws org.mneme.compute.UserException if another thread or process holds it, or the folder
   *     cannot be written
   */
  public static RunLock acquire(RunFolder folder) {
    return new RunLock(folder, FolderLock.acquire(folder.root()));
  }

  /** The folder that is locked. */
  public RunFolder folder() {
    return folder;
  }

  /** The lock of the folder, for {@link org.mneme.train.Trainer#lockedBy}. */
  public FolderLock lock() {
    return lock;
  }

  /** Writes {@link RunFolder#pid}, which {@link #close} deletes. */
  public void announce() throws IOException {
    announced = true;
    AtomicFile.writeString(folder.pid(), ProcessHandle.current().pid() + "\n");
  }

  /** Deletes {@link RunFolder#pid} if this has written it; the folder stays locked. */
  public void withdraw() {
    try {
      if (announced) {
        Files.deleteIfExists(folder.pid());
      }
    } catch (IOException e) {
      LOG.warn("{}: cannot be deleted: {}", folder.pid(), FileFault.reason(e));
    }
  }

  @Override
  public void close() {
    try (lock) {
      withdraw();
    }
  }
}
