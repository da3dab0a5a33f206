// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {
  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::label).toList();
  }

  @Test
  void linearTicksAreNice() {
    assertThat(labels(Axis.rounded(4.2, 8.3, 5))).containsExactly("4", "5", "6", "7", "8", "9");
    assertThat(labels(Axis.rounded(2.551, 2.558, 4)))
        .containsExactly("2.550", "2.552", "2.554", "2.556", "2.558");
    assertThat(labels(Axis.exact(0, 819_200, 5)))
        .containsExactly("0", "200k", "400k", "600k", "800k");
    assertThat(labels(Axis.exact(0, 26_000_000, 5))).containsExactly("0", "10M", "20M");
    assertThat(labels(Axis.rounded(-1.2, 1, 4))).containsExactly("−2", "−1", "0", "1");
  }

  @Test
  void aSingleValueStillHasARange() {
    assertThat(Axis.rounded(3, 3, 5).max()).isGreaterThan(3);
    assertThat(Axis.exact(0, 0, 5).max()).isGreaterThan(0);
    assertThat(Axis.logarithmic(5, 5).ticks()).isNotEmpty();
  }

  @Test
  void logarithmicTicksAreOneTwoFive() {
    Axis axis = Axis.logarithmic(60, 1300);
    assertThat(labels(axis)).containsExactly("100", "200", "500", "1,000");
    assertThat(axis.fraction(axis.min())).isZero();
    assertThat(axis.fraction(axis.max())).isCloseTo(1, within(1e-12));
    assertThat(axis.fraction(Math.sqrt(axis.min() * axis.max()))).isCloseTo(0.5, within(1e-12));
    assertThat(labels(Axis.logarithmic(0.02, 0.3))).containsExactly("0.02", "0.05", "0.1", "0.2");
    assertThat(labels(Axis.logarithmic(1, 1e6)))
        .containsExactly("1", "10", "100", "1,000", "10k", "100k", "1M");
  }

  @Test
  void endLabelsKeepTheirOrderAndDistance() {
    List<EndLabels.Label> labels =
        List.of(
            new EndLabels.Label(100, "c", "c"),
            new EndLabels.Label(98, "a", "a"),
            new EndLabels.Label(99, "b", "b"),
            new EndLabels.Label(20, "top", "top"));
    List<EndLabels.Label> apart = EndLabels.apart(labels, 0, 105);
    assertThat(apart).extracting(EndLabels.Label::name).containsExactly("top", "a", "b", "c");
    for (int i = 1; i < apart.size(); i++) {
      assertThat(apart.get(i).y() - apart.get(i - 1).y()).isGreaterThan(EndLabels.DISTANCE - 0.5);
    }
    assertThat(apart.get(3).y()).isLessThanOrEqualTo(105);
    assertThat(apart.get(0).y()).isEqualTo(20);
  }
}
