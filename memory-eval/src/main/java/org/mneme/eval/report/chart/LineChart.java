// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.mneme.eval.report.markup.HtmlTable;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Palette;
import org.mneme.eval.report.markup.Table;

/**
 * A chart of curves as inline SVG, with a legend, labels at the ends of the curves and a grid; the
 * values are also told as a table.
 */
public final class LineChart {
  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final List<Line> lines = new ArrayList<>();
  private double reference = Double.NaN;
  private String referenceLabel = "";
  private boolean logarithmic;
  private boolean fromZero;
  private boolean cutsBeginning;
  private DoubleFunction<String> format = value -> Numbers.fixed(value, 2);

  /** A chart without curves. */
  public LineChart(String title, String xLabel, String yLabel) {
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /**
   * A curve.
   *
   * @param name a short name for its end
   * @param label its name in the legend
   * @param color number of its colour
   * @param series its points
   * @param raw the same curve before smoothing, drawn faintly behind; may be empty
   * @param low the lower edge of a band behind the curve, such as its spread over seeds; may be
   *     empty
   * @param high the upper edge of the band, at the places of {@code low}
   * @param dots whether its points are marked
   */
  public record Line(
      String name,
      String label,
      int color,
      Series series,
      Series raw,
      Series low,
      Series high,
      boolean dots) {
    /** A plain curve. */
    public Line(String name, String label, int color, Series series) {
      this(name, label, color, series, Series.empty(), Series.empty(), Series.empty(), false);
    }

    /** The curve with its points marked. */
    public Line dotted() {
      return new Line(name, label, color, series, raw, low, high, true);
    }

    /** The curve with what it was before smoothing. */
    public Line over(Series unsmoothed) {
      return new Line(name, label, color, series, unsmoothed, low, high, dots);
    }

    /** The curve with a band. */
    public Line within(Series lower, Series upper) {
      return new Line(name, label, color, series, raw, lower, upper, dots);
    }
  }

  /** Adds a curve. */
  public LineChart add(Line line) {
    lines.add(line);
    return this;
  }

  /** Draws a horizontal line at {@code value}, unless it is NaN. */
  public LineChart reference(String label, double value) {
    reference = value;
    referenceLabel = label;
    return this;
  }

  /** Gives equal factors equal heights. */
  public LineChart logarithmicY() {
    logarithmic = true;
    return this;
  }

  /** Begins the y axis at 0. */
  public LineChart yFromZero() {
    fromZero = true;
    return this;
  }

  /**
   * Leaves out of the drawing what lies far above all that follows the first tenth, if any does.
   */
  public LineChart withoutHighBeginning() {
    cutsBeginning = true;
    return this;
  }

  /** How values are written at the ends of the curves and in the tips of their points. */
  public LineChart format(DoubleFunction<String> valueFormat) {
    format = valueFormat;
    return this;
  }

  /** Its title. */
  public String title() {
    return title;
  }

  /** Whether there is anything to draw. */
  public boolean isEmpty() {
    return points().findAny().isEmpty();
  }

  /** Some of the values, for those who cannot see the drawing. */
  public Table values() {
    return ChartValues.of(xLabel, yLabel, lines, format);
  }

  /** Draws it as SVG in HTML, with a legend and its values as a table. */
  public void render(Markup html) {
    html.open("figure", "class", "chart").leaf("h3", title);
    legend(html);
    if (isEmpty()) {
      html.leaf("p", "Nothing was measured.", "class", "none");
    } else {
      double top = top();
      drawing(html, top);
      beginning(html, top);
      html.open("details").leaf("summary", "Values");
      HtmlTable.render(html, values());
      html.close();
    }
    html.close();
  }

  private void legend(Markup html) {
    html.open("ul", "class", "legend");
    for (Line line : lines) {
      html.open("li").open("i", "class", "key " + Palette.cssClass(line.color)).close();
      html.text(line.label).close();
    }
    html.close();
  }

  /** What is not shown is told. */
  private void beginning(Markup html, double top) {
    double highest = points().mapToDouble(Plot.Point::y).max().orElseThrow();
    if (highest > top) {
      html.leaf("p", "Begins above, at up to " + format.apply(highest) + ".", "class", "hint");
    }
  }

  private double top() {
    return cutsBeginning
        ? Beginning.top(lines.stream().flatMap(line -> points(line.series)).toList())
        : Double.POSITIVE_INFINITY;
  }

  private void drawing(Markup html, double top) {
    var xs = points().mapToDouble(Plot.Point::x).summaryStatistics();
    double[] ys = points().mapToDouble(Plot.Point::y).filter(y -> y <= top).toArray();
    Plot plot = new Plot(html, Axis.exact(Math.min(0, xs.getMin()), xs.getMax(), 5), yAxis(ys));
    plot.begin(title + ": " + yLabel + " over " + xLabel);
    plot.grid(xLabel, yLabel);
    if (hasReference()) {
      plot.reference(reference, referenceLabel + " " + format.apply(reference));
    }
    for (Line line : lines) {
      plot.band(drawn(line.low, top), drawn(line.high, top), line.color);
      plot.path(drawn(line.raw, top), "raw", line.color);
    }
    List<EndLabels.Label> ends = new ArrayList<>();
    for (Line line : lines) {
      List<Plot.Point> points = points(line.series).filter(point -> point.y() <= top).toList();
      plot.path(drawn(line.series, top), "line", line.color);
      if (line.dots) {
        plot.dots(points, line.color, line.label, format);
      }
      if (!points.isEmpty()) {
        Plot.Point last = points.get(points.size() - 1);
        plot.end(last, line.color);
        ends.add(new EndLabels.Label(plot.y(last.y()), format.apply(last.y()), endName(line)));
      }
    }
    plot.endLabels(EndLabels.apart(ends, Plot.TOP, Plot.HEIGHT - Plot.BOTTOM));
    html.close();
  }

  private List<Plot.Point> drawn(Series series, double top) {
    return Beginning.below(points(series).toList(), top);
  }

  /** A single curve needs no name at its end. */
  private String endName(Line line) {
    return lines.size() == 1 ? "" : line.name;
  }

  private Axis yAxis(double[] ys) {
    DoubleStream shown =
        hasReference()
            ? DoubleStream.concat(DoubleStream.of(ys), DoubleStream.of(reference))
            : DoubleStream.of(ys);
    var range = shown.summaryStatistics();
    if (logarithmic) {
      return Axis.logarithmic(range.getMin(), range.getMax());
    }
    return Axis.rounded(fromZero ? Math.min(0, range.getMin()) : range.getMin(), range.getMax(), 5);
  }

  private boolean hasReference() {
    return drawable(reference);
  }

  private boolean drawable(double y) {
    return Double.isFinite(y) && (!logarithmic || y > 0);
  }

  private Stream<Plot.Point> points() {
    return lines.stream()
        .flatMap(line -> Stream.of(line.series, line.raw, line.low, line.high))
        .flatMap(this::points);
  }

  private Stream<Plot.Point> points(Series series) {
    double[] x = series.x();
    double[] y = series.y();
    List<Plot.Point> points = new ArrayList<>();
    boolean gap = true;
    for (int i = 0; i < x.length; i++) {
      boolean drawn = Double.isFinite(x[i]) && drawable(y[i]);
      if (drawn) {
        points.add(new Plot.Point(x[i], y[i], gap));
      }
      gap = !drawn;
    }
    return points.stream();
  }
}
