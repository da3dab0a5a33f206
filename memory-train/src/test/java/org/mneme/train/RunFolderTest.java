// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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
  void isNotTakenFromAnotherProcessThatTrainsInIt() throws IOException {
    RunFolder run = RunFolder.create(folder, "busy");
    long other = ProcessHandle.current().parent().orElseThrow().pid();
    Files.writeString(run.pid(), other + "\n");
    assertThatThrownBy(run::requireIdle)
        .isInstanceOf(UserException.class)
        .hasMessage(run.root() + ": a training of this folder runs, process " + other);

    Files.writeString(run.pid(), ProcessHandle.current().pid() + "\n");
    run.requireIdle();
  }

  @Test
  void aNumberThatTheSystemGaveAwaySinceIsNoTraining() throws IOException {
    RunFolder run = RunFolder.create(folder, "killed");
    Files.writeString(run.pid(), ProcessHandle.current().parent().orElseThrow().pid() + "\n");
    Files.setLastModifiedTime(run.pid(), FileTime.fromMillis(0));
    assertThat(run.process()).isEmpty();
    run.requireIdle();
  }
}
