// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Keeps the labels at the ends of curves from covering each other. */
final class EndLabels {
  /** Least distance of two labels. */
  static final double DISTANCE = 17;

  private EndLabels() {}

  /**
   * A label.
   *
   * @param y the height at which it is
   * @param value the value that it shows
   * @param name the name that it shows
   */
  record Label(double y, String value, String name) {}

  /**
   * Moves labels down until they are apart, then up again as far as the last ones left the drawing;
   * their order stays.
   */
  static List<Label> apart(List<Label> labels, double top, double bottom) {
    List<Label> sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparingDouble(Label::y));
    double[] y = sorted.stream().mapToDouble(Label::y).toArray();
    spread(y);
    double limit = bottom;
    for (int i = y.length - 1; i >= 0; i--) {
      y[i] = Math.min(y[i], limit);
      limit = y[i] - DISTANCE;
    }
    List<Label> moved = new ArrayList<>();
    for (int i = 0; i < y.length; i++) {
      Label label = sorted.get(i);
      moved.add(new Label(Math.max(y[i], top - DISTANCE), label.value, label.name));
    }
    return moved;
  }

  /** Spreads clusters around their middle, so that no label moves further than needed. */
  private static void spread(double[] y) {
    for (int round = 0; round < y.length * y.length; round++) {
      for (int i = 1; i < y.length; i++) {
        double missing = DISTANCE - (y[i] - y[i - 1]);
        if (missing > 1e-9) {
          y[i - 1] -= missing / 2;
          y[i] += missing / 2;
        }
      }
    }
  }
}
