// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.mneme.compute.Tensor;
import org.mneme.model.layers.SelectionObserver;

/**
 * Holds a model in half precision to a golden case in F32: logits within 2e-2 of their spread
 * (largest less smallest), the loss within 1e-2.
 *
 * <p>Selecting is discrete: where scores differ by less than the rounding, another entry, or the
 * same ones in another order, is selected, and the logits may be any. So only positions count whose
 * selections, and those of the positions that they attend to, are the golden ones.
 */
final class HalfPrecisionParity implements SelectionObserver {
  private static final double LOGITS = 2e-2;
  private static final double LOSS = 1e-2;

  /** Less than this share of comparable positions would say nothing. */
  private static final double SHARE = 0.2;

  private final GoldenCase golden;
  private final LanguageModel model;
  private final boolean[] comparable;

  HalfPrecisionParity(GoldenCase golden, LanguageModel model) {
    this.golden = golden;
    this.model = model;
    this.comparable = new boolean[golden.batch() * golden.sequence()];
    Arrays.fill(comparable, true);
  }

  void check(Map<String, Double> worst) {
    float[] expected = golden.floats("logits");
    float[] found = golden.logits(model, true, this);
    int[] targets = golden.ints("targets");
    int vocabulary = model.config().vocabSize();
    double error = 0;
    double loss = 0;
    int compared = 0;
    for (int position = 0; position < comparable.length; position++) {
      if (comparable[position]) {
        compared++;
        int at = position * vocabulary;
        error = Math.max(error, largestError(found, expected, at, at + vocabulary));
        loss += loss(found, at, targets[position]) - loss(expected, at, targets[position]);
      }
    }
    error /= spread(expected);
    loss = Math.abs(loss) / compared;
    double share = (double) compared / comparable.length;
    worst.merge("logits in spread", error, Math::max);
    worst.merge("loss", loss, Math::max);
    worst.merge("share of positions", share, Math::max);
    assertThat(share).as("share of positions with the golden selections").isGreaterThan(SHARE);
    assertThat(error).as("largest error of logits, in their spread").isLessThanOrEqualTo(LOGITS);
    assertThat(loss).as("error of the loss").isLessThanOrEqualTo(LOSS);
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    int[] found = model.device().transfer().readInts(indices);
    int[] expected = golden.ints("selected." + layer + ".indices");
    int slots = found.length / comparable.length;
    boolean last = layer == model.config().nLayers() - 1;
    for (int position = 0; position < comparable.length; position++) {
      int from = position * slots;
      if (!Arrays.equals(found, from, from + slots, expected, from, from + slots)) {
        int sequence = golden.sequence();
        int end = last ? position + 1 : (position / sequence + 1) * sequence;
        Arrays.fill(comparable, position, end, false);
      }
    }
  }

  private static double largestError(float[] found, float[] expected, int from, int to) {
    double largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs((double) found[i] - expected[i]));
    }
    return largest;
  }

  private static double spread(float[] values) {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    }
    return largest - smallest;
  }

  /** −log softmax(logits)[target], 0 where masked. */
  private double loss(float[] logits, int from, int target) {
    if (target == TrainingPass.MASKED) {
      return 0;
    }
    double sum = 0;
    for (int i = from; i < from + model.config().vocabSize(); i++) {
      sum += Math.exp(logits[i]);
    }
    return Math.log(sum) - logits[from + target];
  }
}
