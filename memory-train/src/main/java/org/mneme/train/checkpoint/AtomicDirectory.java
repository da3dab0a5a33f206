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
 * Writes, replaces and removes directories so that one that has its name is whole. After a crash
 * {@link #clean} leaves the old directory or the new one; there is a moment in which neither has
 * the name, in which the old one is kept as a sibling that {@link #clean} moves back.
 */
final class AtomicDirectory {
  private static final String BEING_WRITTEN = ".writing";
  private static final String BEING_REPLACED = ".replaced";
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
   * @throws IOException if something cannot be written; then what was there before still is
   */
  static void write(Path target, Content content) throws IOException {
    Path temporary = sibling(target, BEING_WRITTEN);
    Path replaced = sibling(target, BEING_REPLACED);
    try {
      AtomicFile.createDirectories(parent(target));
      recover(replaced);
      deleteTree(temporary);
      Files.createDirectory(temporary);
      content.writeTo(temporary);
      AtomicFile.forceDirectory(temporary);
      replace(temporary, target, replaced);
    } catch (IOException | RuntimeException | Error e) {
      deleteAfter(e, temporary);
      throw e;
    }
    // The old one is deleted only when the disk has the new one under its name.
    AtomicFile.forceDirectory(parent(target));
    deleteTree(replaced);
  }

  private static void replace(Path temporary, Path target, Path replaced) throws IOException {
    boolean replaces = Files.exists(target);
    if (replaces) {
      AtomicFile.move(target, replaced);
    }
    try {
      AtomicFile.move(temporary, target);
    } catch (IOException | RuntimeException | Error e) {
      if (replaces) {
        moveBackAfter(e, replaced, target);
      }
      throw e;
    }
  }

  private static void moveBackAfter(Throwable reason, Path replaced, Path target) {
    try {
      AtomicFile.move(replaced, target);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
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
    Path leaving = sibling(target, BEING_DELETED);
    deleteTree(leaving);
    if (Files.exists(target)) {
      AtomicFile.move(target, leaving);
    }
    deleteTree(leaving);
  }

  /** Removes what a crash left in a folder, and moves back what was to be replaced and was not. */
  static void clean(Path folder) throws IOException {
    List<Path> hidden;
    try (Stream<Path> all = Files.list(folder)) {
      hidden = all.filter(path -> path.getFileName().toString().startsWith(".")).toList();
    }
    for (Path path : hidden) {
      String name = path.getFileName().toString();
      if (name.endsWith(BEING_REPLACED)) {
        recover(path);
      } else if (name.endsWith(BEING_WRITTEN) || name.endsWith(BEING_DELETED)) {
        deleteTree(path);
      }
    }
  }

  /** Deletes what was replaced, or moves it back if the crash came before its successor. */
  private static void recover(Path replaced) throws IOException {
    if (!Files.exists(replaced)) {
      return;
    }
    String name = replaced.getFileName().toString();
    Path target =
        replaced.resolveSibling(name.substring(1, name.length() - BEING_REPLACED.length()));
    if (Files.exists(target)) {
      deleteTree(replaced);
    } else {
      AtomicFile.move(replaced, target);
      AtomicFile.forceDirectory(parent(target));
    }
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
