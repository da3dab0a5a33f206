// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.mneme.eval.report.markup.Numbers;

/**
 * The mean of a number over runs and how far they lie apart.
 *
 * @param mean NaN for no runs
 * @param deviation standard deviation of the sample, with n − 1; NaN for fewer than two runs
 * @param n how many runs
 */
public record Spread(double mean, double deviation, int n) {

  /** The spread of the finite ones among these values. */
  public static Spread of(DoubleStream values) {
    double[] finite = values.filter(Double::isFinite).toArray();
    double mean = Arrays.stream(finite).average().orElse(Double.NaN);
    if (finite.length < 2) {
      return new Spread(mean, Double.NaN, finite.length);
    }
    double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, Math.sqrt(squares / (finite.length - 1)), finite.length);
  }

  /** Mean and deviation, if there is any, for a person, such as {@code 3.152 ± 0.004}. */
  public String text(int decimals) {
    return text(1, decimals);
  }

  /** The same in units of so much. */
  public String text(double unit, int decimals) {
    String value = Numbers.fixed(mean / unit, decimals);
    return deviation > 0 ? value + " ± " + Numbers.fixed(deviation / unit, decimals) : value;
  }

  /** A difference for a person: with its sign. */
  public String signed(int decimals) {
    return (mean > 0 ? "+" : "") + text(decimals);
  }
}
