// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of the beginning of curves is shown that come down from far above, as losses do: where
 * nothing is learned yet they would press all that matters into the lowest part of a chart.
 */
final class Beginning {
  /** The share of the x axis after which all of a curve is shown. */
  private static final double SHARE = 0.1;

  /** How many times as high a chart with all of the beginning is, for it to be cut off. */
  private static final double FAR = 2;

  private Beginning() {}

  /** The largest value that is shown: infinity if none is cut off. */
  static double top(List<Plot.Point> points) {
    var x = points.stream().mapToDouble(Plot.Point::x).summaryStatistics();
    double from = x.getMin() + SHARE * (x.getMax() - x.getMin());
    var all = points.stream().mapToDouble(Plot.Point::y).summaryStatistics();
    double top =
        points.stream()
            .filter(point -> point.x() >= from)
            .mapToDouble(Plot.Point::y)
            .max()
            .orElse(Double.POSITIVE_INFINITY);
    boolean far = all.getMax() - all.getMin() > FAR * (top - all.getMin());
    return far && top > all.getMin() ? top : Double.POSITIVE_INFINITY;
  }

  /** The parts of a curve that lie below a value, with points where it crosses that. */
  static List<Plot.Point> below(List<Plot.Point> curve, double top) {
    List<Plot.Point> shown = new ArrayList<>();
    Plot.Point before = null;
    for (Plot.Point point : curve) {
      boolean joined = before != null && !point.first();
      if (joined && (before.y() > top) != (point.y() > top)) {
        shown.add(crossing(before, point, top));
      }
      if (point.y() <= top) {
        shown.add(point);
      }
      before = point;
    }
    return shown;
  }

  /** Where a curve comes down to a value, which begins a part, or leaves it upwards. */
  private static Plot.Point crossing(Plot.Point from, Plot.Point to, double top) {
    double share = (from.y() - top) / (from.y() - to.y());
    return new Plot.Point(from.x() + share * (to.x() - from.x()), top, from.y() > top);
  }
}
