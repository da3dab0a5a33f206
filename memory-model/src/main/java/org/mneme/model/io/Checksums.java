// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mneme.compute.UserException;

/**
 * The SHA-256 of each file of a directory, in a file {@code checksums} that {@code sha256sum -c}
 * understands. To compare a file takes as long as to read it, at some hundred MB a second.
 */
public final class Checksums {
  private static final String NAME = "checksums";
  private static final String BETWEEN = "  ";
  private static final int MOST_BYTES = 1 << 16;
  private static final int SHOWN = 100;

  private final Path directory;

  /** The checksums of the files of a directory, which need not exist. */
  public Checksums(Path directory) {
    this.directory = directory;
  }

  /** Writes the checksums of some files, in place of any that are there. */
  public void write(List<String> files) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String file : files) {
      lines.append(of(file)).append(BETWEEN).append(file).append('\n');
    }
    AtomicFile.writeString(directory.resolve(NAME), lines.toString());
  }

  /** Writes new checksums of files that were replaced, where the directory has checksums. */
  public void update(List<String> replaced) throws IOException {
    if (exist()) {
      Set<String> all = new LinkedHashSet<>(listed().keySet());
      all.addAll(replaced);
      write(List.copyOf(all));
    }
  }

  private boolean exist() {
    return Files.exists(directory.resolve(NAME));
  }

  /**
   * Compares files with their checksums.
   *
   * @param files all that the list must have, and no others
   * @throws UserException naming the first that is not as it was
   */
  public void verify(List<String> files) {
    Map<String, String> listed = listed();
    Set<String> others = new TreeSet<>(listed.keySet());
    files.forEach(others::remove);
    if (!others.isEmpty()) {
      throw new UserException(
          directory.resolve(NAME) + ": expected " + files + ", got one of " + others);
    }
    compare(files, listed);
  }

  /**
   * Compares some files with their checksums, if the directory has checksums: a model that a
   * program has saved has none.
   *
   * @throws UserException naming the first that is not as it was, or that is not listed
   */
  public void verifyIfAny(List<String> files) {
    if (exist()) {
      compare(files, listed());
    }
  }

  private Map<String, String> listed() {
    Path list = directory.resolve(NAME);
    Map<String, String> listed = new LinkedHashMap<>();
    for (String line : Utf8File.read(list, MOST_BYTES).lines().toList()) {
      String[] parts = line.split(BETWEEN, 2);
      if (parts.length < 2 || listed.putIfAbsent(parts[1], parts[0]) != null) {
        throw new UserException(
            list + ": expected a SHA-256 and a new name, got \"" + excerpt(line) + "\"");
      }
    }
    return listed;
  }

  private void compare(List<String> files, Map<String, String> listed) {
    List<String> missing = files.stream().filter(file -> !listed.containsKey(file)).toList();
    if (!missing.isEmpty()) {
      throw new UserException(directory.resolve(NAME) + ": found no checksum of " + missing);
    }
    files.forEach(file -> compare(file, listed.get(file)));
  }

  private static String excerpt(String line) {
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
  }

  private void compare(String file, String expected) {
    Path path = directory.resolve(file);
    try {
      HashCode found = of(file);
      if (!found.toString().equals(expected)) {
        throw new UserException(
            path
                + ": damaged: expected SHA-256 "
                + excerpt(expected)
                + " as recorded in "
                + NAME
                + ", got "
                + found
                + ". Restore the file; if you replaced it on purpose, delete "
                + directory.resolve(NAME));
      }
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "compared with its checksum", e);
    }
  }

  private HashCode of(String file) throws IOException {
    return MoreFiles.asByteSource(directory.resolve(file)).hash(Hashing.sha256());
  }
}
