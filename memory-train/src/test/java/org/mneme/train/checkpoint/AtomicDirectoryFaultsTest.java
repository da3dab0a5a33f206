// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.testing.FaultSweep;
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

  /** What all files of the directory hold; they must agree. */
  private static String content(FaultyFileSystem files) throws IOException {
    String first = Files.readString(target(files).resolve(FILES.get(0)));
    for (String name : FILES) {
      assertThat(target(files).resolve(name)).hasContent(first);
    }
    return first;
  }

  private static List<String> names(FaultyFileSystem files) throws IOException {
    return FaultSweep.names(target(files).getParent());
  }

  private static FaultSweep replacement() {
    return new FaultSweep(AtomicDirectoryFaultsTest::withOld, files -> write(files, "new"));
  }

  @ParameterizedTest
  @EnumSource
  void aFailureLeavesOldOrNew(Operation operation) throws IOException {
    replacement()
        .failures(
            operation,
            (files, replaced) -> {
              List<String> allowed = replaced ? List.of("new") : List.of("old", "new");
              assertThat(content(files)).isIn(allowed);
              AtomicDirectory.clean(target(files).getParent());
              assertThat(names(files)).containsExactly("step");
              assertThat(content(files)).isIn(allowed);
            });
  }

  @Test
  void aLossOfPowerLeavesOldOrNew() throws IOException {
    int moments =
        replacement()
            .powerLosses(
                false,
                (found, replaced) -> {
                  AtomicDirectory.clean(target(found).getParent());
                  assertThat(names(found)).containsExactly("step");
                  assertThat(content(found))
                      .isIn(replaced ? List.of("new") : List.of("old", "new"));
                });
    assertThat(moments).isGreaterThan(12);
  }

  @Test
  void aLossOfPowerWhileItIsDeletedLeavesAllOrNothing() throws IOException {
    FaultSweep deletion =
        new FaultSweep(
            AtomicDirectoryFaultsTest::withOld, files -> AtomicDirectory.delete(target(files)));
    int moments =
        deletion.powerLosses(
            false,
            (found, deleted) -> {
              AtomicDirectory.clean(target(found).getParent());
              if (!names(found).isEmpty()) {
                assertThat(content(found)).isEqualTo("old");
              }
            });
    assertThat(moments).isGreaterThan(3);
  }
}
