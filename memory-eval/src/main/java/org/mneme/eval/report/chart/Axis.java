// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.markup.Numbers;

/**
 * An axis of a chart: the range that it shows and where its ticks are.
 *
 * @param logarithmic whether equal factors, instead of equal differences, have equal lengths
 * @param min the value at its start
 * @param max the value at its end, larger than {@code min}
 * @param ticks values with a label, ascending
 */
record Axis(boolean logarithmic, double min, double max, List<Tick> ticks) {

  /** A value and its label. */
  record Tick(double value, String label) {}

  /**
   * A linear axis from {@code min} to {@code max} exactly, with about {@code wanted} ticks in it.
   */
  static Axis exact(double min, double max, int wanted) {
    double to = max > min ? max : min + Math.max(1, Math.abs(min));
    double step = niceStep((to - min) / wanted);
    return linear(min, to, step, (long) Math.ceil(min / step - 1e-9), (long) Math.floor(to / step));
  }

  /** A linear axis that is widened to whole ticks around {@code min} to {@code max}. */
  static Axis rounded(double min, double max, int wanted) {
    double to = max > min ? max : min + Math.max(0.1, Math.abs(min) * 0.1);
    double step = niceStep((to - min) / wanted);
    long first = (long) Math.floor(min / step + 1e-9);
    long last = (long) Math.ceil(to / step - 1e-9);
    return linear(first * step, last * step, step, first, last);
  }

  /** A logarithmic axis around positive {@code min} to {@code max}, with ticks at 1, 2 and 5. */
  static Axis logarithmic(double min, double max) {
    double low = min * 0.97;
    double high = Math.max(max, min * 1.5) * 1.03;
    List<Tick> ticks = new ArrayList<>();
    for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (int digit : high / low > 500 ? new int[] {1} : new int[] {1, 2, 5}) {
        double value = digit * Math.pow(10, power);
        if (value >= low && value <= high) {
          ticks.add(new Tick(value, Numbers.stepped(value, value, Numbers.countUnit(value))));
        }
      }
    }
    return new Axis(true, low, high, List.copyOf(ticks));
  }

  private static Axis linear(double min, double max, double step, long first, long last) {
    Numbers.Unit unit = Numbers.countUnit(Math.max(Math.abs(min), Math.abs(max)));
    List<Tick> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      ticks.add(new Tick(i * step, Numbers.stepped(i * step, step, unit)));
    }
    return new Axis(false, min, max, List.copyOf(ticks));
  }

  /** The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below {@code least}. */
  private static double niceStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double nice : new double[] {1, 2, 2.5, 5}) {
      if (nice * power >= least * (1 - 1e-9)) {
        return nice * power;
      }
    }
    return 10 * power;
  }

  /** Where a value lies: 0 at the start of the axis, 1 at its end. */
  double fraction(double value) {
    return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  }
}
