// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.fail;

import org.mneme.compute.DType;

/**
 * How far a result may lie from the double-precision reference: {@code absolute · RMS(reference) +
 * relative · |reference|}, element by element.
 *
 * <p>The absolute part is in units of the reference's root mean square, because the error of a sum
 * grows with its terms and not with what is left after they cancel.
 *
 * <table>
 *   <caption>The kinds of operations</caption>
 *   <tr><th>kind</th><th>F32</th><th>BF16</th><th>why</th></tr>
 *   <tr><td>exact</td><td>0</td><td>0</td><td>copies, ids, counts</td></tr>
 *   <tr><td>elementwise</td><td>2.5e-6</td><td>2⁻⁸</td><td>a few roundings in F32 (2⁻²⁴ each) and a
 *       fast exponential good to 1e-6; in BF16 the rounding of the result, 2⁻⁹, at most doubled by
 *       an old value that it is added to</td></tr>
 *   <tr><td>sum</td><td>2e-5</td><td>1.5e-2</td><td>F32 sums of up to a few thousand terms in any
 *       order; in BF16 also intermediates (probabilities, saved outputs) that are rounded to BF16
 *       before they enter a product, a few times 2⁻⁹</td></tr>
 * </table>
 *
 * <p>The largest errors measured on a CPU, F32: elementwise 5.3e-7 (the gradient of silu), without
 * an exponential 2.3e-7; sums 9.3e-6 (the gradient of attention), 8.9e-6 (that of product keys),
 * the others up to 4.1e-6.
 *
 * <p>A wrong index, a missed row, a lost factor or a sum in half precision are all orders of
 * magnitude above these.
 */
record Tolerance(double relative, double absolute) {
  /** For copies, ids and counts. */
  static final Tolerance EXACT = new Tolerance(0, 0);

  /** For operations with no sum of many terms. */
  static Tolerance elementwise(DType dtype) {
    return dtype == DType.BF16 ? new Tolerance(0x1p-8, 0x1p-9) : new Tolerance(2.5e-6, 2.5e-6);
  }

  /** For results of sums. */
  static Tolerance sum(DType dtype) {
    return dtype == DType.BF16 ? new Tolerance(1.5e-2, 1.5e-2) : new Tolerance(2e-5, 2e-5);
  }

  /** Fails, naming the worst element, if {@code found} is not close to {@code reference}. */
  void check(String what, double[] found, double[] reference) {
    if (found.length != reference.length) {
      fail("%s: found %d elements, wanted %d", what, found.length, reference.length);
    }
    double floor = absolute * rms(reference);
    double worst = 0;
    int at = -1;
    for (int i = 0; i < found.length; i++) {
      double excess = Math.abs(found[i] - reference[i]) - floor - relative * Math.abs(reference[i]);
      boolean same = Double.compare(found[i], reference[i]) == 0 || found[i] == reference[i];
      if (!same && !(excess <= worst)) {
        worst = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
        at = i;
      }
    }
    if (at >= 0) {
      fail(
          "%s: element %d of %d is %s, wanted %s within %.3g",
          what,
          at,
          found.length,
          found[at],
          reference[at],
          floor + relative * Math.abs(reference[at]));
    }
  }

  private static double rms(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += Double.isFinite(value) ? value * value : 0;
    }
    return Math.sqrt(sum / Math.max(1, values.length));
  }
}
