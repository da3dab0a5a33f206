// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

class RunFolderTest {
  @TempDir Path folder;

  @Test
  void isNamedAfterTheRunAndTheTime() {
    RunFolder run = RunFolder.create(folder.resolve("runs"), "quickstart");
    assertThat(run.root()).isDirectory();
    assertThat(run.root().getFileName().toString()).matches("quickstart-\\d{8}-\\d{6}");
    assertThat(run.metrics()).isEqualTo(run.root().resolve("metrics.jsonl"));
  }

  @Test
  void isNotMadeBeforeItIsNeededAndNeverTheSameTwice() {
    RunFolder named = RunFolder.named(folder, "run");
    assertThat(named.root()).doesNotExist();
    assertThat(RunFolder.create(folder, "run").root())
        .isNotEqualTo(RunFolder.create(folder, "run").root());
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "");
    assertThatThrownBy(() -> RunFolder.create(file, "run"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aFolderThatHoldsAnyPartOfARunIsUsed() throws IOException {
    RunFolder run = RunFolder.create(folder, "used");
    run.requireUnused();
    for (Path file : List.of(run.config(), run.info(), run.metrics(), run.checkpoints().folder())) {
      Files.writeString(file, "");
      assertThatThrownBy(run::requireUnused)
          .isInstanceOf(UserException.class)
          .hasMessageContaining(run.root() + ": found " + file.getFileName());
      Files.delete(file);
    }
    assertThat(run.isUnused()).isTrue();
  }

  @Test
  void aNumberThatTheSystemGaveAwaySinceIsNoTraining() throws IOException {
    RunFolder run = RunFolder.create(folder, "killed");
    Files.writeString(run.pid(), ProcessHandle.current().parent().orElseThrow().pid() + "\n");
    Files.setLastModifiedTime(run.pid(), FileTime.fromMillis(0));
    assertThat(run.process()).isEmpty();
  }
}
