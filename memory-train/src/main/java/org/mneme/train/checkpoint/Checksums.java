// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;

/** The SHA-256 of each file of a directory, in a file that {@code sha256sum -c} understands. */
final class Checksums {
  private static final String NAME = "checksums";
  private static final String BETWEEN = "  ";

  private final Path directory;

  Checksums(Path directory) {
    this.directory = directory;
  }

  /** Writes the checksums of some files. */
  void write(List<String> files) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String file : files) {
      lines.append(of(file)).append(BETWEEN).append(file).append('\n');
    }
    AtomicFile.writeString(directory.resolve(NAME), lines.toString());
  }

  /**
   * Compares files with their checksums.
   *
   * @param files that must be there
   * @throws UserException naming the first that is not as it was
   */
  void verify(List<String> files) {
    Path list = directory.resolve(NAME);
    Set<String> missing = new TreeSet<>(files);
    try {
      for (String line : Files.readAllLines(list)) {
        String[] parts = line.split(BETWEEN, 2);
        if (parts.length < 2 || !missing.remove(parts[1])) {
          throw new UserException(list + ": found \"" + line + "\", expected one of " + missing);
        }
        compare(parts[1], parts[0]);
      }
    } catch (IOException e) {
      throw FileFault.cannotBe(list, "compared", e);
    }
    if (!missing.isEmpty()) {
      throw new UserException(list + ": found no checksum of " + missing);
    }
  }

  private void compare(String file, String expected) throws IOException {
    HashCode found = of(file);
    if (!found.toString().equals(expected)) {
      throw new UserException(
          directory.resolve(file) + ": damaged: SHA-256 is " + found + ", expected " + expected);
    }
  }

  private HashCode of(String file) throws IOException {
    return MoreFiles.asByteSource(directory.resolve(file)).hash(Hashing.sha256());
  }
}
