// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
  private static final int LISTINGS = 300;

  @TempDir Path folder;

  @Test
  void listsAllButHiddenFilesAndTheRecord() throws IOException {
    Path half = Files.createDirectories(folder.resolve("checkpoints/.step-2.writing"));
    Files.writeString(half.resolve("model.safetensors"), "half");
    Path whole = Files.createDirectories(folder.resolve("checkpoints/step-1"));
    Files.writeString(whole.resolve("model.safetensors"), "whole");
    for (String name : new String[] {".lock", "config.json", "report.md", "report.html"}) {
      Files.writeString(folder.resolve(name), "{}");
    }
    assertThat(RunFile.of(folder))
        .containsExactly(
            new RunFile(Path.of("checkpoints/step-1/model.safetensors").toString(), 5),
            new RunFile("config.json", 2));
  }

  /** A training saves and rotates while its record is written. */
  @Test
  void filesThatVanishMeanwhileAreLeftOut() throws Exception {
    Files.writeString(folder.resolve("config.json"), "{}");
    AtomicBoolean done = new AtomicBoolean();
    Thread training =
        new Thread(
            () -> {
              while (!done.get()) {
                saveAndRemove();
              }
            });
    training.start();
    try {
      for (int listing = 0; listing < LISTINGS; listing++) {
        assertThat(RunFile.of(folder)).contains(new RunFile("config.json", 2));
      }
    } finally {
      done.set(true);
      training.join();
    }
  }

  private void saveAndRemove() {
    try {
      Path directory = Files.createDirectories(folder.resolve("checkpoints/step-1"));
      Path file = Files.writeString(directory.resolve("model.safetensors"), "");
      Files.delete(file);
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
