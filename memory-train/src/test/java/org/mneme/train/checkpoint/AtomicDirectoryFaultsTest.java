// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.testing.FaultyFileSystem;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;

/** Replaces and deletes a directory while each operation in turn fails, and the power. */
class AtomicDirectoryFaultsTest {
  private static final List<String> FILES = List.of("one", "two");

  private static Path target(FaultyFileSystem files) {
    return files.getPath("/run/checkpoints/step");
  }

  private static void write(FaultyFileSystem files, String content) throws IOException {
    AtomicDirectory.write(
        target(files),
        temporary -> {
          for (String name : FILES) {
            AtomicFile.writeString(temporary.resolve(name), content);
          }
        });
  }

  private static FaultyFileSystem withOld() throws IOException {
    FaultyFileSystem files = FaultyFileSystem.create();
    write(files, "old");
    return files;
  }

  /** A change of the directory. */
  @FunctionalInterface
  private interface Change {
    void apply(FaultyFileSystem files) throws IOException;
  }

  private static boolean succeeds(FaultyFileSystem files, Change change) {
    try {
      change.apply(files);
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      files.assertAllClosed();
    }
  }

  /** What all files of the directory hold; they must agree. */
  private static String content(FaultyFileSystem files) throws IOException {
    String first = Files.readString(target(files).resolve(FILES.get(0)));
    for (String name : FILES) {
      assertThat(target(files).resolve(name)).hasContent(first);
    }
    return first;
  }

  private static List<String> names(FaultyFileSystem files) throws IOException {
    try (Stream<Path> all = Files.list(target(files).getParent())) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailureLeavesOldOrNew(Operation operation) throws IOException {
    for (int number = 1; ; number++) {
      FaultyFileSystem files = withOld();
      files.failAt(operation, number);
      boolean replaced = succeeds(files, each -> write(each, "new"));
      if (files.count(operation) < number) {
        return;
      }
      assertThat(content(files)).isIn(replaced ? List.of("new") : List.of("old", "new"));
      AtomicDirectory.clean(target(files).getParent());
      assertThat(names(files)).containsExactly("step");
      assertThat(content(files)).isIn(replaced ? List.of("new") : List.of("old", "new"));
    }
  }

  @Test
  void aLossOfPowerLeavesOldOrNew() throws IOException {
    int moments = 0;
    boolean done = false;
    while (!done) {
      FaultyFileSystem files = withOld();
      files.powerOffAt(++moments);
      done = succeeds(files, each -> write(each, "new"));
      for (FaultyFileSystem found : List.of(files.afterCrash(), files.afterCrashWithNames())) {
        AtomicDirectory.clean(target(found).getParent());
        assertThat(names(found)).containsExactly("step");
        assertThat(content(found)).isIn(done ? List.of("new") : List.of("old", "new"));
      }
    }
    assertThat(moments).isGreaterThan(12);
  }

  @Test
  void aLossOfPowerWhileItIsDeletedLeavesAllOrNothing() throws IOException {
    int moments = 0;
    boolean done = false;
    while (!done) {
      FaultyFileSystem files = withOld();
      files.powerOffAt(++moments);
      done = succeeds(files, each -> AtomicDirectory.delete(target(each)));
      for (FaultyFileSystem found : List.of(files.afterCrash(), files.afterCrashWithNames())) {
        AtomicDirectory.clean(target(found).getParent());
        if (!names(found).isEmpty()) {
          assertThat(content(found)).isEqualTo("old");
        }
      }
    }
    assertThat(moments).isGreaterThan(3);
  }
}
