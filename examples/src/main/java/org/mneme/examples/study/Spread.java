// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.Arrays;
import java.util.Locale;

/**
 * A value over seeds.
 *
 * @param mean NaN if there is no value
 * @param deviation of the sample, with n − 1 in the denominator; NaN for fewer than two values
 * @param count n
 */
record Spread(double mean, double deviation, int count) {

  static Spread of(double... values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    double deviation = values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
    return new Spread(mean, deviation, values.length);
  }

  /** {@code mean ± deviation}; the mean alone if there is no deviation, a dash without values. */
  String text(int decimals) {
    if (count == 0) {
      return "–";
    }
    String number = "%." + decimals + "f";
    String middle = String.format(Locale.ROOT, number, mean);
    return Double.isNaN(deviation) || deviation == 0
        ? middle
        : middle + " ± " + String.format(Locale.ROOT, number, deviation);
  }
}
