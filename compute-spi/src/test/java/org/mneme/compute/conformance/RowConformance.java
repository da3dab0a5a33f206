// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.RowReference;

/** Rows of tables by index, and entries that are tokens; indices that collide included. */
public abstract class RowConformance extends DeviceTestCase {
  /** Rows of the table, selected rows, width; the last ones collide heavily, and not at all. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1},
          new int[] {13, 0, 5},
          new int[] {7, 5, 1},
          new int[] {257, 131, 67},
          new int[] {5, 4099, 17},
          new int[] {6401, 67, 64});

  final Stream<DType> every() {
    return Stream.of(DType.values()).filter(device.info().dtypes()::contains);
  }

  private static double[] values(Numbers numbers, DType dtype, int count) {
    return dtype == I32 ? numbers.whole(count, 1 << 30) : numbers.values(dtype, count);
  }

  @ParameterizedTest
  @MethodSource("every")
  void gatherRows(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[1]);
      double[] table = values(numbers, dtype, size[0] * size[2]);
      int[] indices = numbers.indices(size[1], size[0]);
      try (Trial trial = trial("gather_rows", dtype, size[0], size[1], size[2])) {
        Tensor tt = trial.input("table", dtype, table, size[0], size[2]);
        Tensor ti = trial.input("indices", indices, size[1]);
        Tensor out = trial.output("out", dtype, size[1], size[2]);
        trial
            .run(() -> device.memory().gatherRows(tt, ti, out))
            .expect(out, RowReference.gather(table, indices, size[2]), Tolerance.EXACT);
      }
    }
  }

  @Test
  void gatherRowsNarrowsToHalfPrecision() {
    if (!device.info().dtypes().contains(DType.BF16)) {
      return;
    }
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[1]);
      double[] table = numbers.values(F32, size[0] * size[2]);
      int[] indices = numbers.indices(size[1], size[0]);
      double[] wanted = Bits.round(DType.BF16, RowReference.gather(table, indices, size[2]));
      try (Trial trial = trial("gather_rows to BF16", size[0], size[1], size[2])) {
        Tensor tt = trial.input("table", F32, table, size[0], size[2]);
        Tensor ti = trial.input("indices", indices, size[1]);
        Tensor out = trial.output("out", DType.BF16, size[1], size[2]);
        trial
            .run(() -> device.memory().gatherRows(tt, ti, out))
            .expect(out, wanted, Tolerance.EXACT);
      }
    }
  }

  @Test
  void gatherRowsByIndicesOfAnyShape() {
    double[] table = new Numbers(1).values(F32, 11 * 3);
    int[] indices = new Numbers(2).indices(24, 11);
    try (Trial trial = trial("gather_rows of rank 3")) {
      Tensor tt = trial.input("table", F32, table, 11, 3);
      Tensor ti = trial.input("indices", indices, 2, 3, 4);
      Tensor out = trial.output("out", F32, 2, 3, 4, 3);
      trial
          .run(() -> device.memory().gatherRows(tt, ti, out))
          .expect(out, RowReference.gather(table, indices, 3), Tolerance.EXACT);
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void scatterRows(DType dtype) {
    for (int[] size : List.of(new int[] {1, 1, 1}, new int[] {5, 0, 3}, new int[] {401, 131, 67})) {
      Numbers numbers = new Numbers(size[1]);
      double[] table = values(numbers, dtype, size[0] * size[2]);
      double[] rows = values(numbers, dtype, size[1] * size[2]);
      int[] indices = numbers.distinct(size[1], size[0]);
      double[] wanted = RowReference.blend(table, 0, 1, rows, indices, size[2]);
      try (Trial trial = trial("scatter_rows", dtype, size[0], size[1], size[2])) {
        Tensor tr = trial.input("rows", dtype, rows, size[1], size[2]);
        Tensor ti = trial.input("indices", indices, size[1]);
        Tensor tt = trial.inOut("table", dtype, table, size[0], size[2]);
        trial
            .run(() -> device.memory().scatterRows(tr, ti, tt))
            .expect(tt, wanted, Tolerance.EXACT);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void scatterAddRows(DType dtype) {
    for (int[] size : SIZES) {
      Numbers numbers = new Numbers(size[1] + 1);
      double[] table = numbers.values(F32, size[0] * size[2]);
      double[] rows = numbers.values(dtype, size[1] * size[2]);
      int[] indices = numbers.indices(size[1], size[0]);
      double[] wanted = RowReference.blend(table, 1, 1, rows, indices, size[2]);
      try (Trial trial = trial("scatter_add_rows", dtype, size[0], size[1], size[2])) {
        Tensor tr = trial.input("rows", dtype, rows, size[1], size[2]);
        Tensor ti = trial.input("indices", indices, size[1]);
        Tensor tt = trial.inOut("table", F32, table, size[0], size[2]);
        trial
            .run(() -> device.memory().scatterAddRows(tr, ti, tt))
            .expect(tt, wanted, Tolerance.sum(F32));
      }
    }
  }

  @Test
  void blendRows() {
    for (int[] size : List.of(new int[] {1, 1, 1}, new int[] {5, 0, 3}, new int[] {401, 131, 67})) {
      for (float keep : new float[] {0f, 0.75f, 1f}) {
        Numbers numbers = new Numbers(size[1]);
        double[] table = numbers.values(F32, size[0] * size[2]);
        double[] rows = numbers.values(F32, size[1] * size[2]);
        int[] indices = numbers.distinct(size[1], size[0]);
        double[] wanted = RowReference.blend(table, keep, 1.0 - keep, rows, indices, size[2]);
        try (Trial trial = trial("blend_rows", size[0], size[1], size[2], keep)) {
          Tensor tr = trial.input("rows", F32, rows, size[1], size[2]);
          Tensor ti = trial.input("indices", indices, size[1]);
          Tensor tt = trial.inOut("table", F32, table, size[0], size[2]);
          trial
              .run(() -> device.memory().blendRows(tr, ti, keep, tt))
              .expect(tt, wanted, Tolerance.elementwise(F32));
        }
      }
    }
  }

  /** Vocabulary, width, entries, tokens of an entry, reads. */
  private static final List<int[]> BANKS =
      List.of(
          new int[] {1, 1, 1, 1, 1},
          new int[] {17, 5, 7, 3, 0},
          new int[] {29, 67, 31, 8, 257},
          new int[] {3, 16, 2, 5, 1031},
          new int[] {6401, 48, 211, 7, 131});

  @ParameterizedTest
  @MethodSource("floating")
  void decodeTokenMemory(DType dtype) {
    for (int[] size : BANKS) {
      Numbers numbers = new Numbers(size[4]);
      double[] embeddings = numbers.values(dtype, size[0] * size[1]);
      int[] bank = numbers.indices(size[2] * size[3], size[0]);
      int[] indices = numbers.indices(size[4], size[2]);
      double[] wanted = RowReference.decode(embeddings, size[1], bank, size[3], indices);
      try (Trial trial = trial("decode_token_memory", dtype, size[0], size[1], size[3], size[4])) {
        Tensor te = trial.input("embeddings", dtype, embeddings, size[0], size[1]);
        Tensor tb = trial.input("bank", bank, size[2], size[3]);
        Tensor ti = trial.input("indices", indices, size[4]);
        Tensor out = trial.output("out", dtype, size[4], size[1]);
        trial
            .run(() -> device.memory().decodeTokenMemory(te, tb, ti, out))
            .expect(out, wanted, Tolerance.elementwise(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void decodeTokenMemoryBackward(DType dtype) {
    for (int[] size : BANKS) {
      Numbers numbers = new Numbers(size[4] + 1);
      double[] old = numbers.values(F32, size[0] * size[1]);
      double[] dOut = numbers.values(dtype, size[4] * size[1]);
      int[] bank = numbers.indices(size[2] * size[3], size[0]);
      int[] indices = numbers.indices(size[4], size[2]);
      double[] wanted = RowReference.decodeBackward(dOut, size[1], bank, size[3], indices, old);
      try (Trial trial = trial("decode_token_memory_backward", dtype, size[0], size[4])) {
        Tensor td = trial.input("dOut", dtype, dOut, size[4], size[1]);
        Tensor tb = trial.input("bank", bank, size[2], size[3]);
        Tensor ti = trial.input("indices", indices, size[4]);
        Tensor te = trial.inOut("dEmbeddings", F32, old, size[0], size[1]);
        trial
            .run(() -> device.memory().decodeTokenMemoryBackward(td, tb, ti, te))
            .expect(te, wanted, Tolerance.sum(F32));
      }
    }
  }

  @Test
  void countIndices() {
    for (int[] size : List.of(new int[] {1, 1}, new int[] {0, 5}, new int[] {5003, 7})) {
      Numbers numbers = new Numbers(size[0]);
      int[] indices = numbers.indices(size[0], size[1]);
      int[] counts = numbers.indices(size[1], 100);
      int[] wanted = counts.clone();
      for (int i = 0; i < indices.length; i++) {
        indices[i] = i % 3 == 1 ? -1 : indices[i];
        if (indices[i] >= 0) {
          wanted[indices[i]]++;
        }
      }
      try (Trial trial = trial("count_indices", size[0], size[1])) {
        Tensor ti = trial.input("indices", indices, size[0]);
        Tensor tc = trial.inOut("counts", I32, Numbers.doubles(counts), size[1]);
        trial.run(() -> device.memory().countIndices(ti, tc)).expect(tc, wanted);
      }
    }
  }

  @Test
  void listRows() {
    for (int size : new int[] {1, 7, 2048, 5003, 70_001}) {
      int[] counts = new Numbers(size).indices(size, 4);
      for (int every = 1; every <= 3; every++) {
        int[] used = counts.clone();
        for (int r = 0; r < size; r++) {
          used[r] = r % every == 0 ? used[r] : 0;
        }
        listRows(used);
      }
    }
    listRows(new int[257]);
  }

  private void listRows(int[] counts) {
    int[] wanted = IntStream.range(0, counts.length).filter(r -> counts[r] > 0).toArray();
    try (Trial trial = trial("list_rows", counts.length, wanted.length)) {
      Tensor tc = trial.input("counts", counts, counts.length);
      Tensor rows = trial.output("rows", I32, counts.length);
      Tensor rowCount = trial.output("rowCount", I32, 1);
      trial
          .run(() -> device.memory().listRows(tc, rows, rowCount))
          .expect(rowCount, new int[] {wanted.length});
      assertThat(Arrays.copyOf(trial.indices(rows), wanted.length)).isEqualTo(wanted);
    }
  }

  @Test
  void zeroRows() {
    for (int[] size :
        List.of(
            new int[] {1, 1, 1},
            new int[] {5, 0, 3},
            new int[] {401, 131, 67},
            new int[] {9000, 7000, 8})) {
      Numbers numbers = new Numbers(size[1]);
      double[] table = numbers.values(F32, size[0] * size[2]);
      int[] rows = numbers.distinct(size[1], size[0]);
      double[] wanted =
          RowReference.blend(table, 0, 0, new double[size[1] * size[2]], rows, size[2]);
      int[] list = Arrays.copyOf(rows, size[0]);
      try (Trial trial = trial("zero_rows", size[0], size[1], size[2])) {
        Tensor tr = trial.input("rows", list, size[0]);
        Tensor tn = trial.input("rowCount", new int[] {size[1]}, 1);
        Tensor tt = trial.inOut("table", F32, table, size[0], size[2]);
        trial.run(() -> device.memory().zeroRows(tr, tn, tt)).expect(tt, wanted, Tolerance.EXACT);
      }
    }
  }
}
