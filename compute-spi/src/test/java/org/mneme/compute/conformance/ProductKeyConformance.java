// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ProductKeyReference;

/**
 * The product-key gate against a flat search over all n·n sums.
 *
 * <p>On random inputs two sums may lie closer together than single precision tells apart; in such a
 * row (a position and head) the sums of what was selected are compared instead of the indices. Rows
 * with a margin, and all rows of whole numbers, where sums are exact and often equal, must agree in
 * every index.
 */
public abstract class ProductKeyConformance extends DeviceTestCase {
  /** Sums that lie closer together may change places. */
  private static final double MARGIN = 2e-4;

  private static final List<ProductKeyReference> SIZES =
      List.of(
          new ProductKeyReference(1, 1, 1, 1, 1),
          new ProductKeyReference(5, 1, 7, 3, 7),
          new ProductKeyReference(67, 2, 32, 16, 5),
          new ProductKeyReference(131, 1, 37, 8, 16),
          new ProductKeyReference(150, 2, 130, 64, 8),
          new ProductKeyReference(521, 2, 16, 4, 3),
          new ProductKeyReference(9, 3, 67, 5, 1),
          new ProductKeyReference(3, 1, 256, 32, 16));

  private final class Gate implements AutoCloseable {
    private final Trial trial;
    private final Tensor queries;
    private final Tensor keys;
    private final Tensor indices;
    private final Tensor weights;
    private final Tensor logSumExp;
    private final Tensor share;
    private final Tensor mean;

    Gate(ProductKeyReference size, DType dtype, double[] q, double[] k, boolean balanced) {
      int heads = size.heads();
      int half = size.half();
      trial = trial("product_key_top_k", dtype, size.withoutMask(), balanced, size.counted());
      queries = trial.input("queries", dtype, q, size.positions(), heads * 2L * half);
      keys = trial.input("keys", dtype, k, heads, 2, size.n(), half);
      Tensor valid = Mask.input(trial, size.valid());
      indices = trial.output("indices", I32, size.positions(), heads, size.slots());
      weights = trial.output("weights", F32, size.positions(), heads, size.slots());
      logSumExp = balanced ? trial.output("logSumExp", F32, size.positions(), heads, 2) : null;
      share = balanced ? trial.output("share", F32, heads, 2, size.n()) : null;
      mean = balanced ? trial.output("meanProbability", F32, heads, 2, size.n()) : null;
      trial.run(
          () ->
              device
                  .memory()
                  .productKeyTopK(queries, keys, valid, indices, weights, logSumExp, share, mean));
    }

    int[] selected() {
      return trial.indices(indices);
    }

    /** What follows from the selection. */
    void expectRest(ProductKeyReference size, double[] scores, int[] selected) {
      trial.expect(weights, size.weights(scores, selected), Tolerance.sum(F32));
      if (share != null) {
        trial.expect(logSumExp, size.logSumExp(scores), Tolerance.sum(F32));
        trial.expect(share, size.share(selected), Tolerance.sum(F32));
        trial.expect(mean, size.meanProbability(scores), Tolerance.sum(F32));
      }
    }

    @Override
    public void close() {
      trial.close();
    }
  }

  private static double[] queries(Numbers numbers, ProductKeyReference size, DType dtype) {
    return numbers.values(dtype, size.positions() * size.heads() * 2 * size.half());
  }

  private static double[] keys(Numbers numbers, ProductKeyReference size, DType dtype) {
    return numbers.values(dtype, size.heads() * 2 * size.n() * size.half());
  }

  @ParameterizedTest
  @MethodSource("floating")
  void selectsWhatAFlatSearchSelects(DType dtype) {
    for (ProductKeyReference size : SIZES) {
      select(dtype, size, false);
      for (Mask mask : Mask.values()) {
        select(dtype, size.masked(mask.flags(size.positions())), true);
      }
    }
  }

  private void select(DType dtype, ProductKeyReference size, boolean balanced) {
    Numbers numbers = new Numbers(size.n());
    double[] q = queries(numbers, size, dtype);
    double[] k = keys(numbers, size, dtype);
    double[] scores = size.scores(q, k);
    try (Gate gate = new Gate(size, dtype, q, k, balanced)) {
      int[] selected = gate.selected();
      compare(size, scores, selected);
      gate.expectRest(size, scores, selected);
    }
  }

  private static void compare(ProductKeyReference size, double[] scores, int[] selected) {
    int[] wanted = size.indices(scores);
    double[] margins = size.margins(scores);
    double[] found = size.sums(scores, selected);
    double[] best = size.sums(scores, wanted);
    int clear = 0;
    for (int row = 0; row < margins.length; row++) {
      int from = row * size.slots();
      int to = from + size.slots();
      int[] chosen = Arrays.copyOfRange(selected, from, to);
      if (margins[row] > MARGIN) {
        clear++;
        assertThat(chosen)
            .as("%s: selection of row %d", size, row)
            .isEqualTo(Arrays.copyOfRange(wanted, from, to));
      }
      assertThat(chosen).as("%s: selection of row %d", size, row).doesNotHaveDuplicates();
      for (int j = from; j < to; j++) {
        assertThat(Math.abs(found[j] - best[j])).as("%s: sum %d", size, j).isLessThan(MARGIN);
      }
    }
    assertThat(clear).as("rows with a margin").isGreaterThan(margins.length / 2);
  }

  @ParameterizedTest
  @MethodSource("floating")
  void tiesGoToTheLowerIndex(DType dtype) {
    for (ProductKeyReference size :
        List.of(
            new ProductKeyReference(41, 2, 13, 3, 8),
            new ProductKeyReference(17, 1, 64, 2, 16),
            new ProductKeyReference(5, 1, 5, 2, 5))) {
      Numbers numbers = new Numbers(size.n());
      double[] q = numbers.whole(size.positions() * size.heads() * 2 * size.half(), 1);
      double[] k = numbers.whole(size.heads() * 2 * size.n() * size.half(), 2);
      double[] scores = size.scores(q, k);
      try (Gate gate = new Gate(size, dtype, q, k, true)) {
        gate.trial.expect(gate.indices, size.indices(scores));
        gate.expectRest(size, scores, size.indices(scores));
      }
    }
  }

  @Test
  void scoresFarApartGiveFiniteWeights() {
    ProductKeyReference size = new ProductKeyReference(3, 1, 7, 2, 4);
    Numbers numbers = new Numbers(8);
    double[] q = numbers.whole(3 * 4, 40);
    double[] k = numbers.whole(2 * 7 * 2, 40);
    double[] scores = size.scores(q, k);
    try (Gate gate = new Gate(size, F32, q, k, true)) {
      gate.trial.expect(gate.indices, size.indices(scores));
      gate.expectRest(size, scores, size.indices(scores));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void backward(DType dtype) {
    for (ProductKeyReference size : SIZES) {
      backward(dtype, size, false);
      for (Mask mask : Mask.values()) {
        backward(dtype, size.masked(mask.flags(size.positions())), true);
      }
    }
  }

  /** More scores than a device may want to keep; which entries were selected does not matter. */
  @ParameterizedTest
  @MethodSource("floating")
  void backwardOfManyPositions(DType dtype) {
    ProductKeyReference size = new ProductKeyReference(2113, 1, 1024, 3, 2);
    int[] indices = new Numbers(5).distinct(size.positions() * size.slots(), 1 << 20);
    backward(dtype, size, true, indices);
    backward(dtype, size, false, indices);
  }

  private void backward(DType dtype, ProductKeyReference size, boolean balanced) {
    Numbers numbers = new Numbers(size.n() + 1);
    double[] q = queries(numbers, size, dtype);
    double[] k = keys(numbers, size, dtype);
    backward(dtype, size, balanced, size.indices(size.scores(q, k)));
  }

  /** Draws the same queries and keys as its caller. */
  private void backward(DType dtype, ProductKeyReference size, boolean balanced, int[] indices) {
    Numbers numbers = new Numbers(size.n() + 1);
    double[] q = queries(numbers, size, dtype);
    double[] k = keys(numbers, size, dtype);
    double[] scores = size.scores(q, k);
    double[] weights = Bits.round(F32, size.weights(scores, indices));
    double[] dLog = numbers.values(F32, weights.length);
    double[] share = balanced ? Bits.round(F32, size.share(indices)) : null;
    double[] old = numbers.values(F32, k.length);
    // Keeps the balance loss at the scale of the selections, which it would hide at few positions
    // and many sub-keys, with rounding errors of its own scale.
    float factor = 3.5f * size.counted() / size.n();
    ProductKeyReference.Gradient wanted =
        size.backward(q, k, indices, weights, dLog, share, factor);
    double[] dKeys = wanted.dKeys().clone();
    Arrays.setAll(dKeys, i -> dKeys[i] + old[i]);
    int heads = size.heads();
    try (Trial trial =
        trial("product_key_backward", dtype, size.withoutMask(), balanced, size.counted())) {
      Tensor valid = Mask.input(trial, size.valid());
      Tensor tq = trial.input("queries", dtype, q, size.positions(), heads * 2L * size.half());
      Tensor tk = trial.input("keys", dtype, k, heads, 2, size.n(), size.half());
      Tensor ti = trial.input("indices", indices, size.positions(), heads, size.slots());
      Tensor tw = trial.input("weights", F32, weights, size.positions(), heads, size.slots());
      Tensor tl = trial.input("dLogWeights", F32, dLog, size.positions(), heads, size.slots());
      Tensor sums =
          balanced
              ? trial.input("logSumExp", F32, size.logSumExp(scores), size.positions(), heads, 2)
              : null;
      Tensor ts = balanced ? trial.input("share", F32, share, heads, 2, size.n()) : null;
      Tensor dQueries = trial.output("dQueries", dtype, size.positions(), heads * 2L * size.half());
      Tensor tdk = trial.inOut("dKeys", F32, old, heads, 2, size.n(), size.half());
      trial
          .run(
              () ->
                  device
                      .memory()
                      .productKeyBackward(
                          tq, tk, valid, ti, tw, tl, sums, ts, factor, dQueries, tdk))
          .expect(dQueries, wanted.dQueries(), Tolerance.sum(dtype))
          .expect(tdk, dKeys, Tolerance.sum(dtype));
    }
  }

  @Test
  void balanceLossIsAdded() {
    for (int[] size : List.of(new int[] {1, 1}, new int[] {3, 67}, new int[] {2, 512})) {
      int count = size[0] * 2 * size[1];
      Numbers numbers = new Numbers(count);
      double[] share = numbers.between(F32, count, 0, 1);
      double[] mean = numbers.between(F32, count, 0, 1);
      double wanted = 2.5 + 0.75 * ProductKeyReference.balance(share, mean, size[1]);
      try (Trial trial = trial("balance_loss", size[0], size[1])) {
        Tensor ts = trial.input("share", F32, share, size[0], 2, size[1]);
        Tensor tm = trial.input("meanProbability", F32, mean, size[0], 2, size[1]);
        Tensor out = trial.inOut("out", F32, new double[] {2.5}, 1);
        trial
            .run(() -> device.memory().balanceLoss(ts, tm, 0.75f, out))
            .expect(out, new double[] {wanted}, Tolerance.sum(F32));
      }
    }
  }
}
