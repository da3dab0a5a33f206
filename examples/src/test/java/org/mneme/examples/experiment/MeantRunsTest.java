// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

class MeantRunsTest {
  @TempDir Path directory;

  private Path run(String name) throws IOException {
    Path run = Files.createDirectories(directory.resolve("runs").resolve(name));
    Files.writeString(run.resolve("config.json"), "{}");
    return run;
  }

  private void isRefused(Path given, String... parts) {
    assertThatThrownBy(() -> MeantRuns.require(given, directory.resolve("runs")))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void namesTheRunsOfAName() throws IOException {
    Path older = run("small-20260101-120000");
    Path newer = run("small-20260102-120000");
    run("large-20260103-120000");
    Files.createDirectories(directory.resolve("runs/small-notes"));
    String both = ". You may mean " + newer + ", " + older;
    isRefused(Path.of("small"), "small: expected the folder of a run, got no such folder" + both);
    isRefused(directory.resolve("runs/small"), "got no such folder" + both);
    isRefused(directory.resolve("runs/small-notes"), "got a folder without config.json");
    assertThatThrownBy(() -> MeantRuns.require(Path.of("none"), directory.resolve("no-runs")))
        .hasMessage("none: expected the folder of a run, got no such folder");
    assertThat(MeantRuns.require(newer, directory).root()).isEqualTo(newer);
  }

  @Test
  void namesTheRunOfACheckpoint() throws IOException {
    Path run = run("small-20260101-120000");
    Path checkpoint = Files.createDirectories(run.resolve("checkpoints/step-0000000004"));
    Files.writeString(checkpoint.resolve("config.json"), "{}");
    isRefused(checkpoint, "got a checkpoint. You may mean " + run);
  }
}
