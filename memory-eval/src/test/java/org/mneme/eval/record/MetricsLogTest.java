// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.eval.report.chart.Series;

class MetricsLogTest {
  @TempDir Path folder;

  private MetricsLog log(String... lines) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, String.join("\n", lines));
    return MetricsLog.read(file);
  }

  @Test
  void numbersAreCurvesOverTokens() throws IOException {
    MetricsLog log =
        log(
            "{\"event\":\"start\",\"steps\":4,\"tokens_per_step\":100,\"parameters\":7}",
            "{\"event\":\"train\",\"step\":1,\"ce\":5}",
            "{\"event\":\"train\",\"step\":2,\"ce\":4,\"lr\":0.1}",
            "{\"event\":\"train\",\"step\":4,\"ce\":3,\"device\":{\"weights\":8}}");
    assertThat(log.series("train", "ce"))
        .isEqualTo(new Series(new double[] {100, 200, 400}, new double[] {5, 4, 3}));
    assertThat(log.series("train", "lr").y()).containsExactly(Double.NaN, 0.1, Double.NaN);
    assertThat(log.last("train", "lr")).isEqualTo(0.1);
    assertThat(log.last("train", "device.weights")).isEqualTo(8);
    assertThat(log.last("nothing", "ce")).isNaN();
    assertThat(log.series("train", "nothing").size()).isZero();
    assertThat(log.tokens()).isEqualTo(400);
    assertThat(log.parameters()).isEqualTo(7);
    assertThat(log.isFinished()).isTrue();
  }

  @Test
  void whatIsToldAgainAfterAResumeCountsOnce() throws IOException {
    MetricsLog log =
        log(
            "{\"event\":\"start\",\"steps\":9,\"tokens_per_step\":10}",
            "{\"event\":\"train\",\"step\":1,\"ce\":5}",
            "{\"event\":\"train\",\"step\":2,\"ce\":4}",
            "{\"event\":\"train\",\"step\":3,\"ce\":3.5}",
            "{\"event\":\"start\",\"steps\":9,\"tokens_per_step\":10,\"step\":1}",
            "{\"event\":\"train\",\"step\":2,\"ce\":4.25}",
            "{\"event\":\"train\",\"step\":5,\"ce\":3}");
    assertThat(log.series("train", "ce"))
        .isEqualTo(new Series(new double[] {10, 20, 50}, new double[] {5, 4.25, 3}));
    assertThat(log.resumedAfter()).containsExactly(1L);
    assertThat(log.isFinished()).isFalse();
  }

  @Test
  void brokenLinesAreCounted() throws IOException {
    MetricsLog log =
        log("{\"event\":\"train\",\"step\":1,\"ce\":5}", "[1]", "{\"event\":\"train\",\"st");
    assertThat(log.unreadable()).isEqualTo(2);
    assertThat(log.lastStep()).isEqualTo(1);
    assertThat(log.series("train", "ce").x()).as("steps, for want of tokens").containsExactly(1);
    assertThat(MetricsLog.empty().isFinished()).isFalse();
  }

  @Test
  void wordsAreKept() throws IOException {
    MetricsLog log =
        log(
            "{\"event\":\"alarm\",\"step\":12,\"alarm\":\"dead\",\"message\":\"it is dead\"}",
            "{\"event\":\"spike\",\"step\":13,\"quantity\":\"loss\",\"z_score\":9.5,\"skipped\":true}");
    assertThat(log.messages())
        .isEqualTo(
            List.of(
                new MetricsLog.Message("alarm", 12, "it is dead"),
                new MetricsLog.Message("spike", 13, "loss, z score 9.5, skipped true")));
  }
}
