// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeriesTest {
  private static Series of(double... y) {
    double[] x = new double[y.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    return new Series(x, y);
  }

  @Test
  void lastAndMedianSkipWhatIsNotANumber() {
    assertThat(of(1, 9, 2, Double.NaN).last()).isEqualTo(2);
    assertThat(of(1, 9, 2, Double.NaN).median()).isEqualTo(2);
    assertThat(of(1, 9, 2, 4).median()).isEqualTo(3);
    assertThat(Series.empty().last()).isNaN();
    assertThat(Series.empty().median()).isNaN();
  }

  @Test
  void smoothingKeepsTheStartAndAveragesTheRest() {
    assertThat(of(9, 3, 3, 6, 0).smoothed(1).y()).containsExactly(9, 5, 4, 3, 3);
    assertThat(of(1, 2).smoothed(0)).isEqualTo(of(1, 2));
  }

  @Test
  void thinningAveragesBuckets() {
    Series thin = of(0, 2, 4, Double.NaN, 8, 10).thinned(3);
    assertThat(thin.x()).containsExactly(0.5, 2.5, 4.5);
    assertThat(thin.y()).containsExactly(1, 4, 9);
    assertThat(of(1, 2, 3).thinned(3)).isEqualTo(of(1, 2, 3));
  }

  @Test
  void valuesBetweenPointsLieOnALine() {
    Series series = of(4, Double.NaN, 8, 6);
    assertThat(series.at(0)).isEqualTo(4);
    assertThat(series.at(1)).isEqualTo(6);
    assertThat(series.at(2.5)).isEqualTo(7);
    assertThat(series.at(-0.1)).isNaN();
    assertThat(series.at(3.1)).isNaN();
  }

  @Test
  void lengthsMustAgree() {
    assertThatThrownBy(() -> new Series(new double[2], new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("series: found 2 x and 3 y, expected as many");
  }
}
