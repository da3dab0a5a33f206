// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.mneme.model.io.Utf8File;

/** The SHA-256 of each file of a directory, in a file that {@code sha256sum -c} understands. */
final class Checksums {
  private static final String NAME = "checksums";
  private static final String BETWEEN = "  ";
  private static final int MOST_BYTES = 1 << 16;
  private static final int SHOWN = 100;

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
      for (String line : Utf8File.read(list, MOST_BYTES).lines().toList()) {
        String[] parts = line.split(BETWEEN, 2);
        if (parts.length < 2 || !missing.remove(parts[1])) {
          throw new UserException(
              list
                  + ": expected a SHA-256 and one of "
                  + missing
                  + ", got \""
                  + excerpt(line)
                  + "\"");
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

  private static String excerpt(String line) {
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
  }

  private void compare(String file, String expected) throws IOException {
    HashCode found = of(file);
    if (!found.toString().equals(expected)) {
      throw new UserException(
          directory.resolve(file)
              + ": damaged: expected SHA-256 "
              + excerpt(expected)
              + " as recorded in "
              + NAME
              + ", got "
              + found);
    }
  }

  private HashCode of(String file) throws IOException {
    return MoreFiles.asByteSource(directory.resolve(file)).hash(Hashing.sha256());
  }
}
