// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Palette;

/**
 * The drawing area of a chart: turns values into SVG elements. Colours, widths and text sizes are
 * in the style sheet.
 */
record Plot(Markup html, Axis xAxis, Axis yAxis) {
  static final double WIDTH = 560;
  static final double HEIGHT = 330;
  static final double TOP = 30;
  static final double BOTTOM = 46;
  private static final double LEFT = 62;
  private static final double RIGHT = 108;
  private static final int NAME_LENGTH = 8;

  /** A point of a curve; {@code first} if it is not joined to the one before it. */
  record Point(double x, double y, boolean first) {}

  double x(double value) {
    return LEFT + xAxis.fraction(value) * (WIDTH - LEFT - RIGHT);
  }

  double y(double value) {
    return HEIGHT - BOTTOM - yAxis.fraction(value) * (HEIGHT - TOP - BOTTOM);
  }

  /** Opens the drawing; the caller closes it. */
  void begin(String description) {
    html.open(
        "svg",
        "viewBox",
        String.format(Locale.ROOT, "0 0 %.0f %.0f", WIDTH, HEIGHT),
        "role",
        "img",
        "aria-label",
        description);
  }

  void grid(String xLabel, String yLabel) {
    html.open("g", "class", "grid");
    for (Axis.Tick tick : yAxis.ticks()) {
      horizontal(y(tick.value()), null);
      text(LEFT - 8, y(tick.value()) + 4, "end", tick.label(), "tick");
    }
    for (Axis.Tick tick : xAxis.ticks()) {
      text(x(tick.value()), HEIGHT - BOTTOM + 18, "middle", tick.label(), "tick");
    }
    text(WIDTH - RIGHT, HEIGHT - 8, "end", xLabel, "axis");
    text(4, 14, "start", yLabel, "axis");
    html.close();
  }

  void reference(double value, String label) {
    horizontal(y(value), "reference");
    text(WIDTH - RIGHT - 4, y(value) - 6, "end", label, "note");
  }

  void path(List<Point> points, String kind, int color) {
    if (points.isEmpty()) {
      return;
    }
    StringBuilder d = new StringBuilder();
    points.forEach(point -> append(d, point.first() ? "M" : "L", point));
    html.empty("path", "class", kind + " " + Palette.cssClass(color), "d", d.toString());
  }

  /** Fills what lies between two edges. */
  void band(List<Point> low, List<Point> high, int color) {
    if (low.isEmpty() || high.isEmpty()) {
      return;
    }
    StringBuilder d = new StringBuilder();
    low.forEach(point -> append(d, d.length() == 0 ? "M" : "L", point));
    for (int i = high.size() - 1; i >= 0; i--) {
      append(d, "L", high.get(i));
    }
    html.empty("path", "class", "band " + Palette.cssClass(color), "d", d.append('Z').toString());
  }

  private void append(StringBuilder d, String command, Point point) {
    d.append(command).append(number(x(point.x()))).append(' ').append(number(y(point.y())));
  }

  /** Marks points; each tells its values when the pointer rests on it. */
  void dots(List<Point> points, int color, String label, DoubleFunction<String> format) {
    html.open("g", "class", "dots " + Palette.cssClass(color));
    for (Point point : points) {
      html.open("circle", "cx", number(x(point.x())), "cy", number(y(point.y())), "r", "2.6");
      html.leaf("title", label + ": " + format.apply(point.y())).close();
    }
    html.close();
  }

  /** Marks the last point of a curve. */
  void end(Point point, int color) {
    html.empty(
        "circle",
        "class",
        "end " + Palette.cssClass(color),
        "cx",
        number(x(point.x())),
        "cy",
        number(y(point.y())),
        "r",
        "4");
  }

  void endLabels(List<EndLabels.Label> labels) {
    for (EndLabels.Label label : labels) {
      html.open(
          "text", "class", "end-label", "x", number(WIDTH - RIGHT + 9), "y", number(label.y() + 4));
      html.leaf("tspan", label.value(), "class", "value");
      html.text(" ").leaf("tspan", shortened(label.name()), "class", "name").close();
    }
  }

  private static String shortened(String name) {
    return name.length() > NAME_LENGTH ? name.substring(0, NAME_LENGTH - 1) + "…" : name;
  }

  private void horizontal(double at, String kind) {
    html.empty(
        "line",
        "class",
        kind,
        "x1",
        number(LEFT),
        "x2",
        number(WIDTH - RIGHT),
        "y1",
        number(at),
        "y2",
        number(at));
  }

  private void text(double x, double y, String anchor, String text, String kind) {
    html.leaf("text", text, "class", kind, "x", number(x), "y", number(y), "text-anchor", anchor);
  }

  private static String number(double value) {
    return Numbers.coordinate(value);
  }
}
