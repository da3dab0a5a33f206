// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mneme.model.io.FileFault;

/**
 * Room for files in a folder that may not be there yet.
 *
 * @param store the disk
 * @param usable bytes free on it
 */
record Room(FileStore store, long usable) {
  /** The room where a folder is or will be; a problem and nothing if it cannot be written to. */
  static Optional<Room> of(Path folder, Findings findings) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      findings.problem(there + ": is a file, expected a folder to write to");
      return Optional.empty();
    }
    if (!Files.isWritable(there)) {
      findings.problem(there + ": no permission to write to this folder");
      return Optional.empty();
    }
    try {
      FileStore store = Files.getFileStore(there);
      return Optional.of(new Room(store, store.getUsableSpace()));
    } catch (IOException e) {
      findings.problem(there + ": its free space cannot be found out: " + FileFault.reason(e));
      return Optional.empty();
    }
  }
}
