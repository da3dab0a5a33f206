// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.UpdateReference;

/** Norms of features and the tokens nearest to them. */
public abstract class UpdateConformance extends DeviceTestCase {
  @ParameterizedTest
  @MethodSource("floating")
  void scaleToMeanNorm(DType dtype) {
    for (int[] size :
        List.of(
            new int[] {1, 1, 1},
            new int[] {5, 0, 3},
            new int[] {67, 33, 17},
            new int[] {2053, 5, 64})) {
      Numbers numbers = new Numbers(size[0]);
      double[] reference = numbers.values(dtype, size[0] * size[2]);
      double[] x = numbers.values(F32, size[1] * size[2], 20);
      int zeros = Math.min(size[1], 3) / 2;
      Arrays.fill(x, 0, zeros * size[2], 0);
      double[] wanted = UpdateReference.scaleToMeanNorm(reference, x, size[2]);
      try (Trial trial = trial("scale_to_mean_norm", dtype, size[0], size[1], size[2])) {
        Tensor tr = trial.input("reference", dtype, reference, size[0], size[2]);
        Tensor tx = trial.inOut("x", F32, x, size[1], size[2]);
        trial
            .run(() -> device.memory().scaleToMeanNorm(tr, tx))
            .expect(tx, wanted, Tolerance.sum(F32));
      }
    }
  }

  /** Vocabulary, width, entries, tokens of an entry. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1, 1},
          new int[] {17, 3, 0, 2},
          new int[] {131, 67, 37, 5},
          new int[] {6401, 24, 19, 3});

  /**
   * Random inputs: two scores may lie closer together than single precision tells apart, so the
   * score of the token found must be the best within rounding.
   */
  @ParameterizedTest
  @MethodSource("floating")
  void nearestToken(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[0]);
      double[] embeddings = numbers.values(dtype, size[0] * size[1]);
      double[] features = numbers.values(F32, size[2] * size[1], 0.5);
      double[] keep = numbers.between(F32, size[2], 0, 1);
      int[] tokens = numbers.indices(size[2] * size[3], size[0]);
      int[] found = checkBest(size, embeddings, tokens, keep, features, dtype);
      assertThat(nearest(dtype, size, embeddings, tokens, keep, features, true)).isEqualTo(found);
    }
  }

  private int[] checkBest(
      int[] size,
      double[] embeddings,
      int[] tokens,
      double[] keep,
      double[] features,
      DType dtype) {
    int[] found = nearest(dtype, size, embeddings, tokens, keep, features, false);
    for (int i = 0; i < tokens.length; i++) {
      int entry = i / size[3];
      double[] scores =
          UpdateReference.tokenScores(embeddings, size[1], tokens[i], keep[entry], features, entry);
      double best = Arrays.stream(scores).max().orElseThrow();
      double slack = 1e-5 * size[1];
      assertThat(found[i]).as("token %d of %s", i, Arrays.toString(size)).isBetween(0, size[0] - 1);
      assertThat(scores[found[i]])
          .as("score of token %d of %s", i, Arrays.toString(size))
          .isGreaterThan(best - slack);
    }
    return found;
  }

  /** An old token alone (no feature), or a feature alone (nothing kept), decides. */
  @ParameterizedTest
  @MethodSource("floating")
  void nearestTokenOfOneTermAlone(DType dtype) {
    int[] size = {1031, 16, 29, 2};
    Numbers numbers = new Numbers(12);
    double[] embeddings = numbers.values(dtype, size[0] * size[1]);
    double[] features = numbers.values(F32, size[2] * size[1], 0.01);
    int[] tokens = numbers.indices(size[2] * size[3], size[0]);
    double[] nothing = new double[features.length];
    double[] ones = Numbers.filled(size[2], 1);
    double[] zeros = new double[size[2]];
    checkBest(size, embeddings, tokens, ones, nothing, dtype);
    checkBest(size, embeddings, tokens, zeros, features, dtype);
    checkBest(size, embeddings, tokens, ones, features, dtype);
  }

  /** Whole numbers, whose scores are exact and often equal: the lowest id must win. */
  @ParameterizedTest
  @MethodSource("floating")
  void equalScoresGoToTheLowestId(DType dtype) {
    int[] size = {193, 3, 41, 4};
    Numbers numbers = new Numbers(77);
    double[] embeddings = numbers.whole(size[0] * size[1], 2);
    double[] features = numbers.whole(size[2] * size[1], 2);
    double[] keep = new double[size[2]];
    Arrays.setAll(keep, i -> i % 3 * 0.5);
    int[] tokens = numbers.indices(size[2] * size[3], size[0]);
    int[] wanted = new int[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      int entry = i / size[3];
      double[] scores =
          UpdateReference.tokenScores(embeddings, size[1], tokens[i], keep[entry], features, entry);
      for (int v = 1; v < scores.length; v++) {
        wanted[i] = scores[v] > scores[wanted[i]] ? v : wanted[i];
      }
    }
    assertThat(nearest(dtype, size, embeddings, tokens, keep, features, false)).isEqualTo(wanted);
  }

  private int[] nearest(
      DType dtype,
      int[] size,
      double[] embeddings,
      int[] tokens,
      double[] keep,
      double[] features,
      boolean inPlace) {
    try (Trial trial = trial("nearest_token", dtype, Arrays.toString(size), inPlace)) {
      Tensor te = trial.input("embeddings", dtype, embeddings, size[0], size[1]);
      Tensor tt = trial.inOut("tokens", I32, Numbers.doubles(tokens), size[2], size[3]);
      Tensor tk = trial.input("keep", F32, keep, size[2]);
      Tensor tf = trial.input("features", F32, features, size[2], size[1]);
      Tensor out = inPlace ? tt : trial.output("out", I32, size[2], size[3]);
      trial.run(() -> device.memory().nearestToken(te, tt, tk, tf, out));
      return trial.indices(out);
    }
  }
}
