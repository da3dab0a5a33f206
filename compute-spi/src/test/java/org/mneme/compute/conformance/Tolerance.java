// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Map;
import java.util.Set;
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
 * <p>Most operations in F32 stay far below the bound of their kind, which would hide a fault of
 * theirs. {@link #of} therefore lowers it to {@value #HEADROOM} times the error of the operation
 * that was measured on a CPU, as the largest over 8 seeds of inputs, but not below what another
 * device may need that adds in another order: {@link #PAIRWISE}, or {@link #EXPONENTIAL} where
 * there is a fast exponential. An operation without a measured error fails: measure it with {@code
 * -Dmneme.conformance.print=true} and {@code -Dmneme.conformance.seed=1}, 2, …. BF16 keeps the
 * bounds of the kinds: devices differ in which intermediates they round to it, and no CPU device of
 * a provider has it to be measured on.
 *
 * <p>A wrong index, a missed row, a lost factor or a sum in half precision are all orders of
 * magnitude above these.
 */
record Tolerance(double relative, double absolute) {
  /** Bounds in units of the measured error. */
  private static final int HEADROOM = 5;

  /** 12 roundings: what adding 4096 numbers in pairs gives. */
  private static final double PAIRWISE = 12 * 0x1p-24;

  /** The bound of elementwise operations, which is made for a fast exponential. */
  private static final double EXPONENTIAL = 2.5e-6;

  /** The largest error of an operation in F32, in the unit of {@link #error}. */
  private static final Map<String, Double> MEASURED =
      Map.ofEntries(
          Map.entry("adam_w", 1.1e-7),
          Map.entry("adam_w_rows", 8.5e-8),
          Map.entry("add", 4.4e-8),
          Map.entry("add_rms_norm", 2e-7),
          Map.entry("attention", 5.5e-6),
          Map.entry("attention_backward", 1e-5),
          Map.entry("attention_decode", 6.7e-7),
          Map.entry("balance_loss", 2e-8),
          Map.entry("batch_norm", 3.5e-6),
          Map.entry("batch_norm_backward", 4.5e-7),
          Map.entry("batch_norm_evaluate", 1.7e-7),
          Map.entry("batched_gemm", 1.7e-7),
          Map.entry("blend_rows", 7.9e-8),
          Map.entry("clip_factors", 3.2e-8),
          Map.entry("concat_rows", 4.8e-8),
          Map.entry("concat_rows_backward", 6.9e-7),
          Map.entry("concat_tokens", 2.5e-7),
          Map.entry("concat_tokens_backward", 1.7e-6),
          Map.entry("concat_weighted", 4.4e-8),
          Map.entry("concat_weighted_backward", 4e-7),
          Map.entry("cross_entropy", 4.4e-8),
          Map.entry("decode_token_memory", 2.2e-7),
          Map.entry("decode_token_memory_backward", 1.7e-6),
          Map.entry("embedding_bag", 2.7e-7),
          Map.entry("embedding_bag_backward", 1.3e-6),
          Map.entry("entry_attention", 3.1e-6),
          Map.entry("entry_attention_backward", 7.9e-7),
          Map.entry("gemm", 2.1e-6),
          Map.entry("linear", 2.3e-7),
          Map.entry("linear_input_gradient", 2.7e-7),
          Map.entry("linear_weight_gradient", 3.2e-7),
          Map.entry("place_weights", 1.2e-7),
          Map.entry("place_weights_backward", 3.8e-7),
          Map.entry("product_key_backward", 9.5e-6),
          Map.entry("product_key_top_k", 5.9e-6),
          Map.entry("rms_norm", 1.6e-7),
          Map.entry("rms_norm_backward", 4e-6),
          Map.entry("rotary", 1.4e-7),
          Map.entry("scale_to_mean_norm", 9.8e-8),
          Map.entry("scatter_add_rows", 1.2e-6),
          Map.entry("scatter_mean", 1.5e-6),
          Map.entry("silu_gate", 1.4e-7),
          Map.entry("silu_gate_backward", 5.4e-7),
          Map.entry("softmax_cross_entropy", 2.7e-7),
          Map.entry("sum", 8.2e-8),
          Map.entry("sum_of_squares", 1.2e-7),
          Map.entry("sum_of_squares_rows", 2.5e-8),
          Map.entry("swi_glu", 1.3e-7),
          Map.entry("swi_glu_backward", 5.4e-7),
          Map.entry("weighted_sum", 2.7e-7),
          Map.entry("weighted_sum_backward", 6.4e-7));

  private static final Set<String> WITH_EXPONENTIAL =
      Set.of(
          "attention",
          "attention_backward",
          "attention_decode",
          "cross_entropy",
          "entry_attention",
          "entry_attention_backward",
          "place_weights",
          "place_weights_backward",
          "product_key_backward",
          "product_key_top_k",
          "silu_gate",
          "silu_gate_backward",
          "softmax_cross_entropy",
          "swi_glu",
          "swi_glu_backward");

  /** For copies, ids and counts. */
  static final Tolerance EXACT = new Tolerance(0, 0);

  /** For operations with no sum of many terms. */
  static Tolerance elementwise(DType dtype) {
    return dtype == DType.BF16
        ? new Tolerance(0x1p-8, 0x1p-9)
        : new Tolerance(EXPONENTIAL, EXPONENTIAL);
  }

  /** For results of sums. */
  static Tolerance sum(DType dtype) {
    return dtype == DType.BF16 ? new Tolerance(1.5e-2, 1.5e-2) : new Tolerance(2e-5, 2e-5);
  }

  /** The least value of both parts with which {@link #check} does not fail. */
  static double error(double[] found, double[] reference) {
    double rms = rms(reference);
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs(found[i] - reference[i]);
      if (difference > 0) {
        worst = Math.max(worst, difference / (rms + Math.abs(reference[i])));
      }
    }
    return worst;
  }

  /** The bound of an operation whose arguments are F32 or I32. */
  Tolerance of(String operation) {
    if (absolute == 0) {
      return this;
    }
    Double measured = MEASURED.get(operation);
    assertThat(measured).as("the measured error of %s: see Tolerance", operation).isNotNull();
    double least = WITH_EXPONENTIAL.contains(operation) ? EXPONENTIAL : PAIRWISE;
    double bound = Math.max(least, HEADROOM * measured);
    return new Tolerance(Math.min(relative, bound), Math.min(absolute, bound));
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
