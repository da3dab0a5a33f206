// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by another implementation of the format. */
class GoldenFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"original", "cross_attention", "gated_mlp", "ema_vector", "ema_token", "beside"})
  void isReadAndSurvivesARoundTrip(String variant) throws IOException, URISyntaxException {
    Path golden = Path.of(getClass().getResource("/golden/" + variant + ".safetensors").toURI());
    try (SafetensorsFile file = SafetensorsFile.open(golden)) {
      assertThat(file.metadata()).containsEntry("variant", variant).containsEntry("vocab", "320");
      file.require("weights.tok_embeddings.weight", SafetensorsType.F32, 320, 64);
      assertThat(Arrays.stream(file.readInts("input_ids")))
          .isNotEmpty()
          .allMatch(id -> id >= 0 && id < 320);
      assertThat(file.readFloats("loss.ce")[0]).isBetween(1f, 20f);

      Path copy = folder.resolve("copy.safetensors");
      copy(file, copy);
      try (SafetensorsFile again = SafetensorsFile.open(copy)) {
        assertThat(again.metadata()).isEqualTo(file.metadata());
        assertThat(again.tensors()).containsExactlyElementsOf(file.tensors());
        for (TensorEntry entry : file.tensors()) {
          int size = (int) entry.byteLength();
          assertThat(again.slice(entry.name(), 0, size))
              .isEqualTo(file.slice(entry.name(), 0, size));
        }
      }
      assertThat(Files.size(copy)).isPositive();
    }
  }

  private static void copy(SafetensorsFile file, Path copy) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    file.metadata().forEach(writer::metadata);
    for (TensorEntry entry : file.tensors()) {
      writer.tensor(
          entry.name(),
          entry.type(),
          entry.shape(),
          sink -> sink.write(file.slice(entry.name(), 0, (int) entry.byteLength())));
    }
    writer.write(copy);
  }
}
