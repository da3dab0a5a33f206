// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UsageStatisticsTest {
  @Test
  void evenUseIsUniform() {
    int[] counts = {5, 5, 5, 5};
    UsageStatistics use = UsageStatistics.of(counts, new int[] {1, 0, 2, 0}, 2);
    assertThat(use.entropy()).isCloseTo(Math.log(4), within(1e-12));
    assertThat(use.klToUniform()).isCloseTo(0, within(1e-12));
    assertThat(use.gini()).isCloseTo(0, within(1e-12));
    assertThat(use.usedAny()).isEqualTo(1);
    assertThat(use.usedTop1()).isEqualTo(0.5);
    assertThat(use.dead()).isZero();
    assertThat(use.selections()).isEqualTo(20);
    assertThat(use.mostUsed()).containsExactly(new EntryUse(0, 5), new EntryUse(1, 5));
  }

  @Test
  void oneEntryWithAllIsAsUnequalAsCanBe() {
    UsageStatistics use = UsageStatistics.of(new int[] {0, 0, 9, 0}, new int[4], 3);
    assertThat(use.entropy()).isCloseTo(0, within(1e-12));
    assertThat(use.klToUniform()).isCloseTo(Math.log(4), within(1e-12));
    assertThat(use.gini()).isCloseTo(0.75, within(1e-12));
    assertThat(use.dead()).isEqualTo(3);
    assertThat(use.usedAny()).isEqualTo(0.25);
    assertThat(use.mostUsed()).containsExactly(new EntryUse(2, 9));
  }

  @Test
  void halvesAndQuarters() {
    UsageStatistics use = UsageStatistics.of(new int[] {2, 1, 1, 0}, new int[4], 4);
    assertThat(use.entropy()).isCloseTo(1.5 * Math.log(2), within(1e-12));
    assertThat(use.klToUniform()).isCloseTo(0.5 * Math.log(2), within(1e-12));
    // Counts in order 0, 1, 1, 2: (−3·0 − 1·1 + 1·1 + 3·2) / (4·4).
    assertThat(use.gini()).isCloseTo(6 / 16.0, within(1e-12));
    assertThat(use.mostUsed())
        .containsExactly(new EntryUse(0, 2), new EntryUse(1, 1), new EntryUse(2, 1));
  }

  @Test
  void nothingSelectedGivesZeros() {
    UsageStatistics use = UsageStatistics.of(new int[3], new int[3], 1);
    assertThat(use.entropy()).isZero();
    assertThat(use.klToUniform()).isZero();
    assertThat(use.gini()).isZero();
    assertThat(use.dead()).isEqualTo(3);
    assertThat(use.mostUsed()).isEmpty();
  }

  @Test
  void agreesWithTheDefinitionsOnLargeAndSmallCounts() {
    SplittableRandom random = new SplittableRandom(8);
    int[] counts = new int[500];
    Arrays.setAll(counts, i -> random.nextInt(10) == 0 ? random.nextInt(300_000) : i % 7);
    UsageStatistics use = UsageStatistics.of(counts, counts, 5);
    double total = Arrays.stream(counts).asLongStream().sum();
    double entropy = 0;
    double differences = 0;
    for (int a : counts) {
      entropy -= a == 0 ? 0 : a / total * Math.log(a / total);
      for (int b : counts) {
        differences += Math.abs((double) a - b);
      }
    }
    assertThat(use.entropy()).isCloseTo(entropy, within(1e-10));
    // Half the mean absolute difference over the mean.
    double gini = differences / (2 * counts.length * total);
    assertThat(use.gini()).isCloseTo(gini, within(1e-10));
    int[] sorted = counts.clone();
    Arrays.sort(sorted);
    assertThat(use.mostUsed().stream().map(EntryUse::count))
        .containsExactly(sorted[499], sorted[498], sorted[497], sorted[496], sorted[495]);
  }

  @Test
  void refusesWhatCannotBeCounts() {
    assertThatThrownBy(() -> UsageStatistics.of(new int[] {1, -1}, new int[2], 1))
        .hasMessage("count of entry 1: found -1, wanted >= 0");
    assertThatThrownBy(() -> UsageStatistics.of(new int[2], new int[3], 1))
        .hasMessage("counts: found 2 and 3, wanted equal lengths >= 1");
  }

  @Test
  void countsEntriesByClassesThatDouble() {
    int[] counts = {0, 3, 1, 0, 2, 4, 70_000};
    UseHistogram histogram = UsageStatistics.of(counts, counts, 0).histogram();
    assertThat(histogram.least()).isEqualTo(0);
    assertThat(histogram.most()).isEqualTo(70_000);
    assertThat(histogram.squares()).isEqualTo(9 + 1 + 4 + 16 + 4.9e9);
    assertThat(histogram.entries()).hasSize(18).startsWith(2L, 1L, 2L, 1L, 0L).endsWith(0L, 1L);
    assertThat(UsageStatistics.of(new int[2], new int[2], 0).histogram())
        .isEqualTo(new UseHistogram(0, 0, 0, List.of(2L)));
  }
}
