// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.model.io.testing.FaultyFileSystem;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;

/** Replaces a file while each operation in turn fails, and while the power fails before each. */
class AtomicFileFaultsTest {
  private static final String OLD = "old";
  private static final String NEW = "the new text";

  private static Path target(FaultyFileSystem files) {
    return files.getPath("/work/a/b/target");
  }

  private static FaultyFileSystem withOld() throws IOException {
    FaultyFileSystem files = FaultyFileSystem.create();
    AtomicFile.writeString(target(files), OLD);
    return files;
  }

  private static boolean replaces(FaultyFileSystem files) {
    try {
      AtomicFile.writeString(target(files), NEW);
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      files.assertAllClosed();
    }
  }

  private static List<String> names(FaultyFileSystem files) throws IOException {
    try (Stream<Path> all = Files.list(target(files).getParent())) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailureLeavesOldOrNewAndNothingElse(Operation operation) throws IOException {
    for (int number = 1; ; number++) {
      FaultyFileSystem files = withOld();
      files.failAt(operation, number);
      boolean replaced = replaces(files);
      if (files.count(operation) < number) {
        return;
      }
      assertThat(target(files)).hasContent(replaced ? NEW : OLD);
      assertThat(names(files)).containsExactly("target");
    }
  }

  @Test
  void aLossOfPowerLeavesOldOrNew() throws IOException {
    int moments = 0;
    boolean done = false;
    while (!done) {
      FaultyFileSystem files = withOld();
      files.powerOffAt(++moments);
      // The last operation is the force of the directory, whose failure is no failure of the write.
      done = replaces(files) && !files.isOff();
      for (FaultyFileSystem found : List.of(files.afterCrash(), files.afterCrashWithNames())) {
        assertThat(Files.readString(target(found))).isIn(done ? List.of(NEW) : List.of(OLD, NEW));
      }
    }
    assertThat(moments).as("create, write, force, rename, force").isGreaterThan(4);
  }

  @Test
  void aNewFileInNewDirectoriesSurvivesALossOfPower() throws IOException {
    FaultyFileSystem files = FaultyFileSystem.create();
    AtomicFile.writeString(target(files), NEW);
    assertThat(target(files.afterCrash())).hasContent(NEW);
  }

  @Test
  void shortWritesAreContinued() throws IOException {
    FaultyFileSystem files = withOld();
    files.writeShort();
    assertThat(replaces(files)).isTrue();
    assertThat(target(files)).hasContent(NEW);
  }
}
