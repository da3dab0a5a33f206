// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now = 5 * SECOND;

  private String shown() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text;
  }

  private ProgressBar bar(boolean terminal) {
    ProgressBar bar = new ProgressBar(out, "1.4.6", terminal, 0, () -> now);
    bar.started(new TrainingStart(100, 1000, 1));
    return bar;
  }

  private static TrainReport report() {
    return new TrainReport(25, 25_000, 3.25, 3, 0.25, 1e-3, 1, 12_345.6, 5);
  }

  @Test
  void drawsOneLineAnewOnATerminal() {
    ProgressBar bar = bar(true);
    bar.reported(report());
    now += 30 * SECOND;
    bar.stepped(25);
    assertThat(shown())
        .isEqualTo(
            "\r1.4.6 [######..................] step 25/100  loss 3.2500  12,346 tok/s  1:30 left");
    now += SECOND / 10;
    bar.stepped(26);
    assertThat(shown()).as("too soon").isEmpty();
    bar.validated(new ValidationReport(100, 2.5, 12, 10));
    bar.stepped(100);
    assertThat(shown()).startsWith("\r").contains("step 100/100", "val 2.5000", "0:00 left");
    bar.ended();
    assertThat(shown()).isEqualTo(System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 20, 40, 60, 72, 80, 100, 200})
  void aLineIsNeverWiderThanTheTerminal(int columns) {
    for (String label :
        List.of("1.4.6", "a long name of a run with many words", "日本語の名前です", "é😀")) {
      ProgressBar bar = new ProgressBar(out, label, true, columns, () -> now);
      bar.started(new TrainingStart(100, 1000, 1));
      bar.reported(report());
      now += 30 * SECOND;
      bar.stepped(25);
      String line = shown().substring(1);
      assertThat(TerminalText.width(line)).as(line).isLessThan(columns);
      if (columns >= 80) {
        assertThat(line).contains("step 25/100", "loss 3.2500", "1:30 left");
      }
    }
  }

  @Test
  void wideCharactersTakeTwoCells() {
    assertThat(TerminalText.width("日本e\u0301")).isEqualTo(5);
    assertThat(TerminalText.cut("日本語", 5)).isEqualTo("日本…");
    assertThat(TerminalText.cut("日本語", 6)).isEqualTo("日本語");
  }

  @Test
  void printsAPlainLineFromTimeToTimeElsewhere() {
    ProgressBar bar = bar(false);
    now += 9 * SECOND;
    bar.stepped(1);
    assertThat(shown()).isEmpty();
    now += 2 * SECOND;
    bar.stepped(2);
    assertThat(shown())
        .isEqualTo(
            "1.4.6 [........................] step 2/100  8:59 left" + System.lineSeparator());
    bar.ended();
    assertThat(shown()).isEmpty();
  }

  @Test
  void plainLinesOfALongRunAreFew() {
    ProgressBar bar = new ProgressBar(out, "1.4.6", false, 0, () -> now);
    long hours = 53;
    bar.started(new TrainingStart(1_000_000, 1000, 1));
    for (long second = 1; second <= hours * 3600; second++) {
      now += SECOND;
      bar.stepped(second);
    }
    long lines = shown().lines().count();
    assertThat(lines).isBetween(hours * 12, hours * 12 + 100);
  }
}
