// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mneme.compute.DType.F32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ReadReference;
import org.mneme.compute.kernels.Accumulation;

/** Mixing the entries that each position read. */
public abstract class ReadConformance extends DeviceTestCase {
  /** Positions, width of q (or heads), slots, width of a read. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1, 1},
          new int[] {5, 3, 1, 7},
          new int[] {131, 6, 5, 17},
          new int[] {67, 8, 16, 64},
          new int[] {2, 1, 3, 513});

  @ParameterizedTest
  @MethodSource("floating")
  void concatWeighted(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[0]);
      double[] q = numbers.values(dtype, size[0] * size[1]);
      double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
      double[] weights = numbers.weights(size[0], size[2]);
      double[] wanted = ReadReference.concat(q, size[1], reads, size[3], weights, size[2]);
      try (Trial trial = trial("concat_weighted", dtype, Arrays.toString(size))) {
        Tensor tq = trial.input("q", dtype, q, size[0], size[1]);
        Tensor tr = trial.input("reads", dtype, reads, size[0], size[2], size[3]);
        Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
        Tensor tz = trial.output("z", dtype, size[0], size[1] + (long) size[2] * size[3]);
        trial
            .run(() -> device.memory().concatWeighted(tq, tr, tw, tz))
            .expect(tz, wanted, Tolerance.elementwise(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void concatWeightedBackward(DType dtype) {
    for (int[] size : SIZES) {
      for (Accumulation mode : Accumulation.values()) {
        concatWeightedBackward(dtype, size, mode);
      }
    }
  }

  private void concatWeightedBackward(DType dtype, int[] size, Accumulation mode) {
    int columns = size[1] + size[2] * size[3];
    boolean add = mode == Accumulation.ADD;
    Numbers numbers = new Numbers(size[0] + 1);
    double[] q = numbers.values(dtype, size[0] * size[1]);
    double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
    double[] weights = numbers.weights(size[0], size[2]);
    double[] z =
        Bits.round(dtype, ReadReference.concat(q, size[1], reads, size[3], weights, size[2]));
    double[] dz = numbers.values(dtype, size[0] * columns);
    double[] old = numbers.values(dtype, q.length);
    ReadReference.Gradient wanted =
        ReadReference.concatBackward(dz, z, size[1], size[3], weights, size[2]);
    double[] dq = wanted.dq().clone();
    Arrays.setAll(dq, i -> dq[i] + (add ? old[i] : 0));
    try (Trial trial = trial("concat_weighted_backward", dtype, Arrays.toString(size), mode)) {
      Tensor td = trial.input("dz", dtype, dz, size[0], columns);
      Tensor tz = trial.input("z", dtype, z, size[0], columns);
      Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
      Tensor tq =
          add
              ? trial.inOut("dq", dtype, old, size[0], size[1])
              : trial.output("dq", dtype, size[0], size[1]);
      Tensor tr = trial.output("dReads", dtype, size[0], size[2], size[3]);
      Tensor tl = trial.output("dLogWeights", F32, size[0], size[2]);
      trial
          .run(() -> device.memory().concatWeightedBackward(td, tz, tw, mode, tq, tr, tl))
          .expect(tq, dq, Tolerance.elementwise(dtype))
          .expect(tr, wanted.dReads(), Tolerance.elementwise(dtype))
          .expect(tl, wanted.dLogWeights(), Tolerance.sum(F32));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void weightedSum(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[0] + 2);
      double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
      double[] weights = numbers.weights(size[0], size[2]);
      double[] wanted = ReadReference.weightedSum(reads, size[3], weights, size[2]);
      try (Trial trial = trial("weighted_sum", dtype, Arrays.toString(size))) {
        Tensor tr = trial.input("reads", dtype, reads, size[0], size[2], size[3]);
        Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
        Tensor out = trial.output("out", dtype, size[0], size[3]);
        trial
            .run(() -> device.memory().weightedSum(tr, tw, out))
            .expect(out, wanted, Tolerance.sum(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void weightedSumBackward(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[0] + 3);
      double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
      double[] weights = numbers.weights(size[0], size[2]);
      double[] dOut = numbers.values(dtype, size[0] * size[3]);
      ReadReference.Gradient wanted =
          ReadReference.weightedSumBackward(dOut, reads, size[3], weights, size[2]);
      for (boolean inPlace : new boolean[] {false, true}) {
        try (Trial trial = trial("weighted_sum_backward", dtype, Arrays.toString(size), inPlace)) {
          Tensor td = trial.input("dOut", dtype, dOut, size[0], size[3]);
          Tensor tr =
              inPlace
                  ? trial.inOut("reads", dtype, reads, size[0], size[2], size[3])
                  : trial.input("reads", dtype, reads, size[0], size[2], size[3]);
          Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
          Tensor gradient = inPlace ? tr : trial.output("dReads", dtype, size[0], size[2], size[3]);
          Tensor tl = trial.output("dLogWeights", F32, size[0], size[2]);
          trial
              .run(() -> device.memory().weightedSumBackward(td, tr, tw, gradient, tl))
              .expect(gradient, wanted.dReads(), Tolerance.elementwise(dtype))
              .expect(tl, wanted.dLogWeights(), Tolerance.sum(F32));
        }
      }
    }
  }

  /**
   * Weights of which some count as the least in the logarithm; in the last row all do, so that it
   * shows what they count as.
   */
  private static double[] weightsWithZeros(Numbers numbers, int rows, int slots) {
    double[] tiny = {0, (float) 1e-12, (float) 7e-10};
    double[] weights = numbers.weights(rows, slots);
    for (int i = 1; i < weights.length; i++) {
      if (i % 7 == 0 || i >= (rows - 1) * slots) {
        weights[i] = tiny[i % 3];
      }
    }
    return weights;
  }

  @ParameterizedTest
  @MethodSource("floating")
  void entryAttention(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[0] + 4);
      double[] queries = numbers.values(dtype, size[0] * size[1] * size[3]);
      double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
      double[] weights = weightsWithZeros(numbers, size[0], size[2]);
      float scale = 0.37f;
      ReadReference.EntryAttention wanted =
          ReadReference.entryAttention(queries, size[1], reads, size[3], weights, size[2], scale);
      try (Trial trial = trial("entry_attention", dtype, Arrays.toString(size))) {
        Tensor tq = trial.input("queries", dtype, queries, size[0], size[1], size[3]);
        Tensor tr = trial.input("reads", dtype, reads, size[0], size[2], size[3]);
        Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
        Tensor out = trial.output("out", dtype, size[0], size[1], size[3]);
        Tensor tp = trial.output("probabilities", F32, size[0], size[1], size[2]);
        trial
            .run(() -> device.memory().entryAttention(tq, tr, tw, scale, out, tp))
            .expect(out, wanted.out(), Tolerance.sum(dtype))
            .expect(tp, wanted.probabilities(), Tolerance.sum(F32));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void entryAttentionBackward(DType dtype) {
    for (int[] size : SIZES) {
      for (boolean inPlace : new boolean[] {false, true}) {
        entryAttentionBackward(dtype, size, inPlace);
      }
    }
  }

  private void entryAttentionBackward(DType dtype, int[] size, boolean inPlace) {
    Numbers numbers = new Numbers(size[0] + 5);
    double[] queries = numbers.values(dtype, size[0] * size[1] * size[3]);
    double[] reads = numbers.values(dtype, size[0] * size[2] * size[3]);
    double[] weights = weightsWithZeros(numbers, size[0], size[2]);
    double[] dOut = numbers.values(dtype, queries.length);
    float scale = 0.37f;
    double[] p =
        ReadReference.entryAttention(queries, size[1], reads, size[3], weights, size[2], scale)
            .probabilities();
    ReadReference.Gradient wanted =
        ReadReference.entryAttentionBackward(
            dOut, queries, size[1], reads, size[3], weights, size[2], scale);
    try (Trial trial = trial("entry_attention_backward", dtype, Arrays.toString(size), inPlace)) {
      Tensor td = trial.input("dOut", dtype, dOut, size[0], size[1], size[3]);
      Tensor tq =
          inPlace
              ? trial.inOut("queries", dtype, queries, size[0], size[1], size[3])
              : trial.input("queries", dtype, queries, size[0], size[1], size[3]);
      Tensor tr = trial.input("reads", dtype, reads, size[0], size[2], size[3]);
      Tensor tw = trial.input("weights", F32, weights, size[0], size[2]);
      Tensor tp = trial.input("probabilities", F32, p, size[0], size[1], size[2]);
      Tensor dQueries = inPlace ? tq : trial.output("dQueries", dtype, size[0], size[1], size[3]);
      Tensor dReads = trial.output("dReads", dtype, size[0], size[2], size[3]);
      Tensor tl = trial.output("dLogWeights", F32, size[0], size[2]);
      trial
          .run(
              () ->
                  device
                      .memory()
                      .entryAttentionBackward(td, tq, tr, tw, scale, tp, dQueries, dReads, tl))
          .expect(dQueries, wanted.dq(), Tolerance.sum(dtype))
          .expect(dReads, wanted.dReads(), Tolerance.sum(dtype))
          .expect(tl, wanted.dLogWeights(), Tolerance.sum(F32));
    }
  }

  /** The number of heads stands in the queries' extents: rows of all heads say too little. */
  @Test
  void queriesMustTellTheirHeads() {
    try (Trial trial = trial("entry_attention")) {
      Tensor queries = trial.input("queries", F32, new double[24], 6, 4);
      Tensor reads = trial.input("reads", F32, new double[24], 3, 2, 4);
      Tensor weights = trial.input("weights", F32, new double[6], 3, 2);
      Tensor out = trial.output("out", F32, 6, 4);
      Tensor p = trial.output("probabilities", F32, 3, 2, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.memory().entryAttention(queries, reads, weights, 1f, out, p))
          .withMessageContaining("'queries'");
    }
  }
}
