// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.ResourceReport;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingStart;
import org.mneme.train.metrics.ValidationReport;

class TensorBoardWriterTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.5Z");

  @TempDir Path folder;

  private TensorBoardWriter writer() {
    return new TensorBoardWriter(folder, "{\"dim\": 8}\n", Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private void train(long from, long to, double loss) {
    TensorBoardWriter writer = writer();
    writer.started(start(from - 1));
    for (long step = from; step <= to; step++) {
      writer.reported(new TrainReport(step, 64 * step, loss, loss - 1, 1, 1e-3, 0.5, 100, 7));
    }
    writer.ended();
  }

  private static TrainingStart start(long done) {
    return new TrainingStart(100, 64, 1000, done);
  }

  @Test
  void everyNumberIsAScalarAndTheConfigurationIsText() throws IOException {
    TensorBoardWriter writer = writer();
    writer.started(start(0));
    writer.validated(new ValidationReport(12, 1.5, 4.25, 100));
    writer.memoryUsed(MemoryReport.of(12, usage(0, 0, 1, 5), null));
    writer.resourcesRead(
        new ResourceReport(300, Map.of("weights", 1L << 33), 1L << 33, 5, 6, 7, 8, null));
    writer.ended();
    EventFileReader read = EventFileReader.of(folder);
    assertThat(read.texts).isEqualTo(Map.of("configuration", "```json\n{\"dim\": 8}\n```"));
    assertThat(read.wallTimes).containsOnly(NOW.getEpochSecond() + 0.5);
    assertThat(read.scalars.get("validation/loss")).isEqualTo(Map.of(12L, 1.5f));
    assertThat(read.scalars.get("validation/perplexity")).isEqualTo(Map.of(12L, 4.25f));
    assertThat(read.scalars.get("memory/used_any")).isEqualTo(Map.of(12L, 0.5f));
    assertThat(read.scalars.get("resources/device/weights")).isEqualTo(Map.of(300L, 0x1p33f));
    assertThat(read.scalars)
        .doesNotContainKeys("validation/step", "memory/update_coverage", "resources/resident");
  }

  private static UsageStatistics usage(int... counts) {
    return UsageStatistics.of(counts, new int[counts.length], 0);
  }

  @Test
  void selectionsAreAHistogram() throws IOException {
    TensorBoardWriter writer = writer();
    writer.started(start(0));
    writer.memoryUsed(MemoryReport.of(12, usage(0, 3, 1, 0, 5, 100_000, 2), null));
    writer.memoryUsed(MemoryReport.of(24, usage(7, 7), null));
    writer.ended();
    Map<Long, EventFileReader.Histogram> read =
        EventFileReader.of(folder).histograms.get("memory/selections_of_an_entry");
    assertThat(read).containsOnlyKeys(12L, 24L);
    EventFileReader.Histogram first = read.get(12L);
    assertThat(first.min()).isEqualTo(0);
    assertThat(first.max()).isEqualTo(100_000);
    assertThat(first.num()).isEqualTo(7);
    assertThat(first.sum()).isEqualTo(100_011);
    assertThat(first.sumSquares()).isEqualTo(9 + 1 + 25 + 1e10 + 4);
    assertThat(first.between(-0.5, 0.5)).isEqualTo(2);
    assertThat(first.between(0.5, 1.5)).isEqualTo(1);
    assertThat(first.between(1.5, 3.5)).isEqualTo(2);
    assertThat(first.between(3.5, 7.5)).isEqualTo(1);
    assertThat(first.between(7.5, 65_535.5)).isEqualTo(0);
    assertThat(first.between(65_535.5, 131_071.5)).isEqualTo(1);
    assertThat(read.get(24L).between(3.5, 7.5)).isEqualTo(2);
    assertThat(read.get(24L).min()).isEqualTo(7);
  }

  @Test
  void theFramingIsThatOfTensorFlow() throws IOException {
    TensorBoardWriter writer = writer();
    writer.started(start(0));
    writer.ended();
    // Length and its checksum; wall time, step and version; their checksum: as Python's struct and
    // a CRC-32C bit by bit give them.
    byte[] bytes = Files.readAllBytes(EventFileReader.files(folder).get(0));
    assertThat(HexFormat.of().formatHex(bytes, 0, 42))
        .isEqualTo(
            "1a00000000000000129bd82d"
                + "0900006069cd55da4110001a0d627261696e2e4576656e743a32"
                + "fc83f88e");
  }

  @Test
  void aTrainingThatGoesOnShowsEachStepOnce() throws IOException {
    train(1, 20, 3);
    train(11, 30, 2);
    assertThat(EventFileReader.files(folder)).hasSize(2);
    EventFileReader read = EventFileReader.of(folder);
    Map<Long, Float> losses = read.scalars.get("train/loss");
    assertThat(losses).hasSize(30);
    losses.forEach((step, loss) -> assertThat(loss).isEqualTo(step <= 10 ? 3f : 2f));
  }

  @Test
  void aTrainingThatBeginsAnewShowsItsBeginningOnce() throws IOException {
    for (double loss : new double[] {3, 2}) {
      TensorBoardWriter writer = writer();
      writer.started(start(0));
      writer.validated(new ValidationReport(0, loss, 4.25, 100));
      writer.ended();
    }
    EventFileReader read = EventFileReader.of(folder);
    assertThat(read.scalars.get("validation/loss")).isEqualTo(Map.of(0L, 2f));
  }

  @Test
  void recordsAreInTheFileAtOnce() throws IOException {
    TensorBoardWriter writer = writer();
    writer.started(start(0));
    writer.validated(new ValidationReport(1, 1.5, 4.25, 100));
    assertThat(EventFileReader.of(folder).records).isEqualTo(4);
    writer.ended();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    TensorBoardWriter writer = new TensorBoardWriter(file, "{}");
    assertThatThrownBy(() -> writer.started(start(0)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString());
  }
}
