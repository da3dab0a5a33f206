// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

class MetricsWriterTest {
  @TempDir Path folder;

  @Test
  void everyLineIsThereAtOnce() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsWriter writer = new MetricsWriter(file)) {
      writer.reported(new TrainReport(12, 24_576, 2.5, 2.25, 0.25, 1e-3, 0.5, 100, 7));
      assertThat(Files.readAllLines(file))
          .containsExactly(
              "{\"event\":\"train\",\"step\":12,\"tokens\":24576,\"loss\":2.5,\"ce\":2.25,"
                  + "\"balance_loss\":0.25,\"lr\":0.001,\"grad_norm\":0.5,"
                  + "\"tokens_per_second\":100.0,\"elapsed_seconds\":7.0}");
    }
  }

  @Test
  void appendsToWhatIsThere() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    for (int part = 1; part <= 2; part++) {
      try (MetricsWriter writer = new MetricsWriter(file)) {
        writer.write("note", Map.of("part", part));
      }
    }
    assertThat(Files.readAllLines(file))
        .containsExactly("{\"event\":\"note\",\"part\":1}", "{\"event\":\"note\",\"part\":2}");
  }

  @Test
  void coverageIsLeftOutWhereNothingMoves() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsWriter writer = new MetricsWriter(file)) {
      writer.memoryUsed(new MemoryReport(5, 0.5, 0.25, 0.1, 4, 0.3, 8, null, 0, null));
    }
    assertThat(Files.readString(file).strip())
        .isEqualTo(
            "{\"event\":\"memory\",\"step\":5,\"used_any\":0.5,\"used_top1\":0.25,"
                + "\"kl_to_uniform\":0.1,\"entropy\":4.0,\"gini\":0.3,\"dead\":8}");
  }

  @Test
  void aFileDeletedOrShortenedMeanwhileIsContinuedWithoutAHole() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsWriter writer = new MetricsWriter(file)) {
      writer.write("note", Map.of("part", 1));
      Files.delete(file);
      writer.write("note", Map.of("part", 2));
      writer.write("note", Map.of("part", 3));
      try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
        other.truncate(other.size() - 5);
      }
      writer.write("note", Map.of("part", 4));
      assertThat(writer.sync()).isEqualTo(Files.size(file));
    }
    assertThat(Files.readAllLines(file))
        .containsExactly("{\"event\":\"note\",\"part\":2}", "{\"event\":\"note\",\"part\":4}");
  }

  @Test
  void aDeletedFolderIsNoticedAtTheNextLine() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    MetricsWriter writer = new MetricsWriter(run.resolve("metrics.jsonl"));
    writer.write("note", Map.of("part", 1));
    Files.delete(run.resolve("metrics.jsonl"));
    Files.delete(run);
    assertThatThrownBy(() -> writer.write("note", Map.of("part", 2)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(run + ": the folder was deleted while a run writes to it");
    assertThatThrownBy(writer::close).isInstanceOf(UserException.class);
    assertThat(run).doesNotExist();
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() {
    Path file = folder.resolve("missing").resolve("metrics.jsonl");
    assertThatThrownBy(() -> new MetricsWriter(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString());
  }
}
