// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mneme.model.io.AtomicFile;

/**
 * Makes, replaces and removes directories so that one that has its name is whole: a crash leaves at
 * most a sibling of a temporary name, for {@link #clean}.
 */
final class AtomicDirectory {
  private static final String BEING_WRITTEN = ".writing";
  private static final String BEING_DELETED = ".deleting";

  private AtomicDirectory() {}

  /** Fills an empty directory with files, each of which it forces to the disk. */
  @FunctionalInterface
  interface Content {
    void writeTo(Path directory) throws IOException;
  }

  /**
   * Writes a directory, in place of any of its name.
   *
   * @throws IOException if something cannot be written; then nothing of it is left
   */
  static void write(Path target, Content content) throws IOException {
    Path temporary = sibling(target, BEING_WRITTEN);
    try {
      deleteTree(temporary);
      Files.createDirectories(temporary);
      content.writeTo(temporary);
      AtomicFile.forceDirectory(temporary);
      Path replaced = retire(target);
      AtomicFile.move(temporary, target);
      deleteTree(replaced);
    } catch (IOException | RuntimeException | Error e) {
      deleteAfter(e, temporary);
      throw e;
    }
    AtomicFile.forceDirectory(parent(target));
  }

  private static void deleteAfter(Throwable reason, Path temporary) {
    try {
      deleteTree(temporary);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** Removes a directory with all that is in it; its name is free at once. */
  static void delete(Path target) throws IOException {
    deleteTree(retire(target));
  }

  private static Path retire(Path target) throws IOException {
    Path leaving = sibling(target, BEING_DELETED);
    deleteTree(leaving);
    if (Files.exists(target)) {
      AtomicFile.move(target, leaving);
    }
    return leaving;
  }

  /** Removes what a crash left behind in a folder. */
  static void clean(Path folder) throws IOException {
    List<Path> leftover;
    try (Stream<Path> all = Files.list(folder)) {
      leftover = all.filter(AtomicDirectory::isTemporary).toList();
    }
    for (Path path : leftover) {
      deleteTree(path);
    }
  }

  private static boolean isTemporary(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") && (name.endsWith(BEING_WRITTEN) || name.endsWith(BEING_DELETED));
  }

  private static Path sibling(Path target, String state) {
    return parent(target).resolve("." + target.getFileName() + state);
  }

  private static Path parent(Path target) {
    return target.toAbsolutePath().getParent();
  }

  private static void deleteTree(Path directory) throws IOException {
    if (Files.exists(directory)) {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
