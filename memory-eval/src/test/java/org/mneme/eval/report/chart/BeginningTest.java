// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.eval.report.chart.Plot.Point;

class BeginningTest {
  /** A curve through values at 0, 1, 2, … */
  private static List<Point> curve(double... ys) {
    List<Point> points = new ArrayList<>();
    for (double y : ys) {
      points.add(new Point(points.size(), y, points.isEmpty()));
    }
    return points;
  }

  @Test
  void aBeginningFarAboveTheRestIsCutOff() {
    assertThat(Beginning.top(curve(9, 4, 3.5, 3, 3.2))).isEqualTo(4);
  }

  @Test
  void oneThatIsNotFarIsShown() {
    assertThat(Beginning.top(curve(4.2, 4, 3.5, 3))).isInfinite();
    assertThat(Beginning.top(curve(1, 2, 3, 9))).as("rising").isInfinite();
    assertThat(Beginning.top(curve(5))).isInfinite();
    assertThat(Beginning.top(curve(9, 3, 3, 3))).as("flat").isInfinite();
  }

  @Test
  void aCurveBeginsWhereItComesDown() {
    assertThat(Beginning.below(curve(8, 4, 3), 6))
        .containsExactly(new Point(0.5, 6, true), new Point(1, 4, false), new Point(2, 3, false));
  }

  @Test
  void aPeakLeavesTwoParts() {
    assertThat(Beginning.below(curve(4, 8, 4), 6))
        .containsExactly(
            new Point(0, 4, true),
            new Point(0.5, 6, false),
            new Point(1.5, 6, true),
            new Point(2, 4, false));
  }

  @Test
  void partsThatWereNotJoinedStayApart() {
    List<Point> points = List.of(new Point(0, 9, true), new Point(1, 2, true));
    assertThat(Beginning.below(points, 6)).containsExactly(new Point(1, 2, true));
  }
}
