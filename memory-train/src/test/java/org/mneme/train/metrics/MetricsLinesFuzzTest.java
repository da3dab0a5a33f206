// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mneme.model.io.testing.Damage;

/** What a resume reads of damaged metrics: all lines that are whole, and no others. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MetricsLinesFuzzTest {
  private static final int INPUTS = 20_000;
  private static final String FIRST = "{\"event\":\"first\",\"step\":1}";
  private static final String LAST = "{\"event\":\"last\",\"step\":3}";
  private static final String LINE =
      "{\"event\":\"train\",\"step\":2,\"ce\":4.5,\"device\":{\"weights\":[8]}}";

  @Test
  void wholeLinesAreKept() throws IOException {
    Random random = new Random(31);
    int kept = 0;
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path file = files.getPath("/metrics.jsonl");
      for (int i = 0; i < INPUTS; i++) {
        String damaged = new String(Damage.of(LINE, random), StandardCharsets.UTF_8);
        String text = FIRST + "\n" + damaged + "\n" + LAST + "\n";
        Files.writeString(file, text);
        List<String> lines = MetricsLines.upTo(Long.MAX_VALUE, file);
        assertThat(lines).as(damaged).startsWith(FIRST).endsWith(LAST);
        boolean whole = MetricsLines.areWhole(file, Files.size(file));
        kept += whole ? 1 : 0;
        assertThat(whole).as(damaged).isEqualTo(lines.size() == text.lines().count());
      }
    }
    System.out.printf("fuzz metrics.jsonl: %d inputs, %d whole%n", INPUTS, kept);
    assertThat(kept).isBetween(100, INPUTS / 2);
  }

  /** A line that another reader would skip is not a whole one. */
  @Test
  void aLineWithAnythingAfterItsEventIsNotWhole() {
    assertThat(MetricsLines.event(LAST)).isPresent();
    assertThat(MetricsLines.event(LAST + " {}")).isEmpty();
    assertThat(MetricsLines.event(LAST + "]")).isEmpty();
    assertThat(MetricsLines.event("[" + LAST + "]")).isEmpty();
  }
}
