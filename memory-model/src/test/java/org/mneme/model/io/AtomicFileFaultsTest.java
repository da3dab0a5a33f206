// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.model.io.testing.FaultSweep;
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

  private static final FaultSweep REPLACEMENT =
      new FaultSweep(
          AtomicFileFaultsTest::withOld, files -> AtomicFile.writeString(target(files), NEW));

  @ParameterizedTest
  @EnumSource
  void aFailureLeavesOldOrNewAndNothingElse(Operation operation) throws IOException {
    REPLACEMENT.failures(
        operation,
        (files, replaced) -> {
          assertThat(target(files)).hasContent(replaced ? NEW : OLD);
          assertThat(FaultSweep.names(target(files).getParent())).containsExactly("target");
        });
  }

  @Test
  void aLossOfPowerLeavesOldOrNew() throws IOException {
    // The last operation is the force of the directory, whose failure is no failure of the write.
    int moments =
        REPLACEMENT.powerLosses(
            true,
            (found, replaced) ->
                assertThat(Files.readString(target(found)))
                    .isIn(replaced ? List.of(NEW) : List.of(OLD, NEW)));
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
    assertThat(REPLACEMENT.succeeds(files)).isTrue();
    assertThat(target(files)).hasContent(NEW);
  }
}
