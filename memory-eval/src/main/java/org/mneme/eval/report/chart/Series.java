// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** A measured curve. Immutable. */
public final class Series {
  private static final Series EMPTY = new Series(new double[0], new double[0]);

  private final double[] x;
  private final double[] y;

  /**
   * A curve through the given points.
   *
   * @param x where each value was measured, in ascending order; of a training, the tokens seen so
   *     far
   * @param y the values, as many as {@code x}; a value that is not finite is a gap
   * @throws IllegalArgumentException if the lengths differ
   */
  public Series(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "series: found %d x and %d y, expected as many", x.length, y.length));
    }
    this.x = x.clone();
    this.y = y.clone();
  }

  /** A curve without points. */
  public static Series empty() {
    return EMPTY;
  }

  /** A copy of the places. */
  public double[] x() {
    return x.clone();
  }

  /** A copy of the values. */
  public double[] y() {
    return y.clone();
  }

  /** Number of points. */
  public int size() {
    return x.length;
  }

  /** The last finite value, or NaN. */
  public double last() {
    for (int i = y.length - 1; i >= 0; i--) {
      if (Double.isFinite(y[i])) {
        return y[i];
      }
    }
    return Double.NaN;
  }

  /** The median of the finite values, or NaN: a pause or a warm-up does not move it. */
  public double median() {
    double[] sorted = Arrays.stream(y).filter(Double::isFinite).sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /**
   * The value at a place, on the straight line between its finite neighbours.
   *
   * @return NaN before the first and behind the last finite value
   */
  public double at(double place) {
    double before = Double.NaN;
    double value = Double.NaN;
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(y[i])) {
        continue;
      }
      if (x[i] == place) {
        return y[i];
      }
      if (x[i] > place) {
        return value + (y[i] - value) * (place - before) / (x[i] - before);
      }
      before = x[i];
      value = y[i];
    }
    return Double.NaN;
  }

  /** The same values at other places. */
  public Series mapX(DoubleUnaryOperator map) {
    return new Series(Arrays.stream(x).map(map).toArray(), y);
  }

  /** Other values at the same places. */
  public Series mapY(DoubleUnaryOperator map) {
    return new Series(x, Arrays.stream(y).map(map).toArray());
  }

  /**
   * Each value replaced by the mean of its neighbourhood of up to {@code half} values on each side.
   * At the start the neighbourhood stays symmetric, so that a steep first descent is not lifted.
   */
  public Series smoothed(int half) {
    double[] smooth = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      int before = Math.min(i, half);
      int after = Math.min(y.length - 1 - i, i < half ? before : half);
      smooth[i] = finiteMean(y, i - before, i + after + 1);
    }
    return new Series(x, smooth);
  }

  /** At most {@code points} points, each the mean of a bucket of neighbours. */
  public Series thinned(int points) {
    if (size() <= points) {
      return this;
    }
    double[] thinX = new double[points];
    double[] thinY = new double[points];
    for (int i = 0; i < points; i++) {
      int from = (int) ((long) i * size() / points);
      int to = (int) ((long) (i + 1) * size() / points);
      thinX[i] = finiteMean(x, from, to);
      thinY[i] = finiteMean(y, from, to);
    }
    return new Series(thinX, thinY);
  }

  private static double finiteMean(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).filter(Double::isFinite).average().orElse(Double.NaN);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Series that && Arrays.equals(x, that.x) && Arrays.equals(y, that.y);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(x) + Arrays.hashCode(y);
  }

  @Override
  public String toString() {
    return "Series[" + size() + " points, last " + last() + "]";
  }
}
