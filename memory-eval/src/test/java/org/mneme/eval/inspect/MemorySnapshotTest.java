// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.TinyModels;
import org.mneme.memory.TokenCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.safetensors.SafetensorsWriter;

class MemorySnapshotTest extends OnDevice {
  private static final int VOCABULARY = ByteCodec.VOCABULARY;

  @TempDir Path directory;

  @Test
  void keepsTheEntriesAsTheyWere() throws IOException {
    Path path = directory.resolve("snapshot.safetensors");
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      TokenCodebook memory = (TokenCodebook) model.memory().orElseThrow();
      int[] before = device.transfer().readInts(memory.bank());
      MemorySnapshot.write(model, path);
      device.transfer().fill(memory.bank(), 7);
      try (MemorySnapshot snapshot = MemorySnapshot.open(path, VOCABULARY)) {
        assertThat(snapshot.entries()).isEqualTo(64);
        assertThat(snapshot.width()).isEqualTo(3);
        assertThat(snapshot.tokens(0, 64)).isEqualTo(before);
        assertThat(snapshot.tokens(63)).containsExactly(before[189], before[190], before[191]);
        assertThatThrownBy(() -> snapshot.tokens(64)).isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void aCheckpointServesAsWell() throws IOException {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      model.save(directory);
      try (MemorySnapshot snapshot =
          MemorySnapshot.open(directory.resolve("model.safetensors"), VOCABULARY)) {
        int[] bank = device.transfer().readInts(model.memory().orElseThrow().bank());
        assertThat(snapshot.tokens(0, 64)).isEqualTo(bank);
      }
    }
  }

  @Test
  void refusesWhatIsNoTokenMemory() throws IOException {
    Path missing = directory.resolve("missing");
    Path vectors = directory.resolve("vectors");
    Path flat = directory.resolve("flat");
    Path text = Files.writeString(directory.resolve("text"), "no header of a tensor file");
    new SafetensorsWriter().tensor("memory_bank", new long[] {4}, new int[4]).write(flat);
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.GATED_MLP)) {
      MemorySnapshot.write(model, vectors);
    }

    assertThatThrownBy(() -> MemorySnapshot.open(missing, VOCABULARY))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> MemorySnapshot.open(text, VOCABULARY))
        .isInstanceOf(UserException.class);
    assertThatThrownBy(() -> MemorySnapshot.open(vectors, VOCABULARY))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("tensor 'memory_bank' is F32[64, 8], expected I32[M, K]");
    assertThatThrownBy(() -> MemorySnapshot.open(flat, VOCABULARY))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("I32[4], expected I32[M, K]");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, VOCABULARY, 70_000})
  void refusesATokenThatTheModelDoesNotKnow(int token) throws IOException {
    Path path = directory.resolve("snapshot.safetensors");
    int[] tokens = new int[4 * 3];
    tokens[10] = token;
    new SafetensorsWriter().tensor("memory_bank", new long[] {4, 3}, tokens).write(path);
    assertThatThrownBy(() -> MemorySnapshot.open(path, VOCABULARY))
        .isInstanceOf(UserException.class)
        .hasMessage(
            path
                + ": memory_bank[3, 1]: expected a token id in [0, "
                + VOCABULARY
                + "), got "
                + token);
  }

  @Test
  void aModelWithoutAMemoryHasNone() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      assertThatThrownBy(() -> MemorySnapshot.write(model, directory.resolve("none")))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
