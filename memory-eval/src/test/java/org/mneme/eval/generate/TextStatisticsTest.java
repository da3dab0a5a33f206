// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextStatisticsTest {
  private static Generation text(StopReason reason, Integer... tokens) {
    return new Generation("p", "t", Arrays.asList(tokens), reason);
  }

  @Test
  void countsEndsLengthsAndDifferentTokens() {
    GenerationMetrics metrics =
        TextStatistics.of(
            List.of(
                text(StopReason.END_TOKEN, 1, 2, 1, 2),
                text(StopReason.MAX_TOKENS, 1, 2, 3, 4, 5, 6)));
    assertThat(metrics.texts()).isEqualTo(2);
    assertThat(metrics.endTokenRate()).isEqualTo(0.5);
    assertThat(metrics.meanLength()).isEqualTo(5);
    assertThat(metrics.distinct1()).isEqualTo(6 / 10.0);
    // 12 21 12 and 12 23 34 45 56: six different ones of eight.
    assertThat(metrics.distinct2()).isEqualTo(6 / 8.0);
    assertThat(metrics.repetition4()).isZero();
    assertThat(metrics.longestLoop()).isZero();
  }

  @Test
  void repetitionIsTheShareOfFourTokensThatWereThereBefore() {
    // 1234 2341 3412 4123 1234: one of five is a repeat.
    assertThat(TextStatistics.repetition(List.of(1, 2, 3, 4, 1, 2, 3, 4)))
        .isCloseTo(0.2, within(1e-12));
    assertThat(TextStatistics.repetition(List.of(1, 2, 3, 4))).isZero();
    assertThat(TextStatistics.repetition(List.of(7, 7, 7, 7, 7, 7)))
        .isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void aLoopSaysTheSameThreeTimes() {
    assertThat(TextStatistics.longestLoop(List.of(7, 7, 7, 7))).isEqualTo(1);
    assertThat(TextStatistics.longestLoop(List.of(1, 2, 1, 2, 3, 4))).isZero();
    // 1 2 | 5 6 5 6 5 6 5 | 9: seven of ten.
    assertThat(TextStatistics.longestLoop(List.of(1, 2, 5, 6, 5, 6, 5, 6, 5, 9))).isEqualTo(0.7);
    assertThat(TextStatistics.longestLoop(List.of(3))).isZero();
  }

  @Test
  void ofNothingNothingIsTold() {
    GenerationMetrics metrics = TextStatistics.of(List.of(text(StopReason.END_TOKEN)));
    assertThat(metrics.endTokenRate()).isEqualTo(1);
    assertThat(metrics.meanLength()).isZero();
    assertThat(metrics.distinct1()).isNull();
    assertThat(metrics.repetition4()).isNull();
    assertThat(metrics.longestLoop()).isNull();
    assertThat(metrics.selfBleu()).isNull();
  }
}
