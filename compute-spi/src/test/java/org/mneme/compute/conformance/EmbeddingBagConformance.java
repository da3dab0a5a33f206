// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ReadReference;

/** Weighted sums of rows of a table. */
public abstract class EmbeddingBagConformance extends DeviceTestCase {
  /** Positions, rows of the table, slots, width. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1, 1},
          new int[] {5, 3, 1, 7},
          new int[] {131, 1000, 5, 17},
          new int[] {67, 2, 16, 64},
          new int[] {33, 90, 9, 512},
          new int[] {19, 40, 32, 264},
          new int[] {2, 5, 3, 1030},
          new int[] {0, 4, 2, 3});

  /** The arguments of one size: one entry is read by many, others by few. */
  private static final class Case {
    final int[] size;
    final double[] table;
    final int[] indices;
    final double[] weights;
    final double[] dOut;
    final double[] dTable;

    Case(int[] size, DType tableType, DType type) {
      this.size = size;
      Numbers numbers = new Numbers(size[0] + 7);
      table = numbers.values(tableType, size[1] * size[3]);
      indices = numbers.indices(size[0] * size[2], size[1]);
      for (int s = 0; s < indices.length; s += 4) {
        indices[s] = size[1] / 2;
      }
      weights = numbers.weights(size[0], size[2]);
      dOut = numbers.values(type, size[0] * size[3]);
      dTable = numbers.values(F32, table.length);
    }

    ReadReference.BagGradient gradient() {
      return ReadReference.embeddingBagBackward(
          dOut, table, size[3], indices, weights, size[2], dTable);
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void embeddingBag(DType dtype) {
    for (int[] size : SIZES) {
      embeddingBag(new Case(size, dtype, dtype), dtype, dtype);
      embeddingBag(new Case(size, F32, dtype), F32, dtype);
    }
  }

  private void embeddingBag(Case c, DType tableType, DType type) {
    int[] size = c.size;
    double[] wanted = ReadReference.embeddingBag(c.table, size[3], c.indices, c.weights, size[2]);
    try (Trial trial = trial("embedding_bag", tableType, type, Arrays.toString(size))) {
      Tensor table = trial.input("table", tableType, c.table, size[1], size[3]);
      Tensor indices = trial.input("indices", c.indices, size[0], size[2]);
      Tensor weights = trial.input("weights", F32, c.weights, size[0], size[2]);
      Tensor out = trial.output("out", type, size[0], size[3]);
      trial
          .run(() -> device.memory().embeddingBag(table, indices, weights, out))
          .expect(out, wanted, Tolerance.sum(type));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void embeddingBagBackward(DType dtype) {
    for (int[] size : SIZES) {
      embeddingBagBackward(new Case(size, dtype, dtype), dtype, dtype, true);
      embeddingBagBackward(new Case(size, F32, dtype), F32, dtype, true);
      embeddingBagBackward(new Case(size, dtype, dtype), dtype, dtype, false);
    }
  }

  private void embeddingBagBackward(Case c, DType tableType, DType type, boolean learned) {
    int[] size = c.size;
    ReadReference.BagGradient wanted = c.gradient();
    try (Trial trial =
        trial("embedding_bag_backward", tableType, type, Arrays.toString(size), learned)) {
      Tensor dOut = trial.input("dOut", type, c.dOut, size[0], size[3]);
      Tensor table = trial.input("table", tableType, c.table, size[1], size[3]);
      Tensor indices = trial.input("indices", c.indices, size[0], size[2]);
      Tensor weights = trial.input("weights", F32, c.weights, size[0], size[2]);
      Tensor dTable = learned ? trial.inOut("dTable", F32, c.dTable, size[1], size[3]) : null;
      Tensor dLogWeights = trial.output("dLogWeights", F32, size[0], size[2]);
      trial
          .run(
              () ->
                  device
                      .memory()
                      .embeddingBagBackward(dOut, table, indices, weights, dTable, dLogWeights))
          .expect(dLogWeights, wanted.dLogWeights(), Tolerance.sum(F32));
      if (learned) {
        trial.expect(dTable, wanted.dTable(), Tolerance.sum(F32));
      }
    }
  }
}
