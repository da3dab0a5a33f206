// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.BF16;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ConcatReference;
import org.mneme.compute.conformance.reference.ConcatReference.Sizes;
import org.mneme.compute.kernels.Accumulation;

/** Reading entries straight into the input of a fusion, and back. */
public abstract class ConcatConformance extends DeviceTestCase {
  /** An odd vocabulary, so that the last rows of the embeddings are aligned to nothing. */
  private static final int VOCABULARY = 61;

  /**
   * A case: positions, entries and the sizes of rows. Entries are selected by many, by some and by
   * one or none; rows are wider than a block, odd, and aligned.
   */
  private record Case(int positions, int entries, Sizes sizes) {
    int reads() {
      return positions * sizes.slots();
    }

    int columns() {
      return sizes.dim() + sizes.slots() * sizes.width();
    }

    Case rows() {
      return new Case(positions, entries, new Sizes(sizes.dim(), sizes.width(), sizes.slots(), 1));
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case(1, 1, new Sizes(1, 1, 1, 1)),
          new Case(5, 3, new Sizes(3, 7, 1, 2)),
          new Case(131, 2, new Sizes(6, 17, 5, 5)),
          new Case(67, 907, new Sizes(8, 64, 16, 8)),
          new Case(41, 97, new Sizes(16, 136, 3, 33)),
          new Case(2, 5, new Sizes(1, 513, 3, 3)),
          new Case(530, 300, new Sizes(24, 520, 2, 8)));

  /** The inputs of a case. */
  private static final class Inputs {
    final double[] q;
    final double[] embeddings;
    final double[] table;
    final int[] bank;
    final int[] indices;
    final double[] weights;
    final double[] dz;
    final double[] old;

    Inputs(Case a, DType dtype, DType tableType) {
      Numbers numbers = new Numbers(a.positions);
      q = numbers.values(dtype, a.positions * a.sizes.dim());
      embeddings = numbers.values(dtype, VOCABULARY * a.sizes.width());
      table = numbers.values(tableType, a.entries * a.sizes.width());
      bank = numbers.indices(a.entries * a.sizes.places(), VOCABULARY);
      indices = numbers.indices(a.reads(), a.entries);
      weights = numbers.weights(a.positions, a.sizes.slots());
      dz = numbers.values(dtype, a.positions * a.columns());
      old = numbers.values(dtype, q.length);
    }

    /** Selections by entry, those of one entry in ascending order. */
    int[] order() {
      return IntStream.range(0, indices.length)
          .boxed()
          .sorted(Comparator.comparingInt(i -> indices[i]))
          .mapToInt(i -> i)
          .toArray();
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void concatTokens(DType dtype) {
    for (Case a : CASES) {
      Inputs in = new Inputs(a, dtype, dtype);
      double[] wanted =
          ConcatReference.tokens(a.sizes, in.q, in.embeddings, in.bank, in.indices, in.weights);
      try (Trial trial = trial("concat_tokens", dtype, a)) {
        Tensor q = trial.input("q", dtype, in.q, a.positions, a.sizes.dim());
        Tensor e = trial.input("embeddings", dtype, in.embeddings, VOCABULARY, a.sizes.width());
        Tensor bank = trial.input("bank", in.bank, a.entries, a.sizes.places());
        Tensor indices = trial.input("indices", in.indices, a.positions, a.sizes.slots());
        Tensor weights = trial.input("weights", F32, in.weights, a.positions, a.sizes.slots());
        Tensor z = trial.output("z", dtype, a.positions, a.columns());
        Tensor order = trial.output("order", I32, a.reads());
        trial
            .run(() -> device.memory().concatTokens(q, e, bank, indices, weights, z, order))
            .expect(z, wanted, Tolerance.elementwise(dtype))
            .expect(order, in.order());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void concatRows(DType dtype) {
    CASES.forEach(a -> concatRows(a.rows(), dtype, dtype));
  }

  @Test
  void concatRowsNarrowsToHalfPrecision() {
    if (device.info().dtypes().contains(BF16)) {
      CASES.forEach(a -> concatRows(a.rows(), BF16, F32));
    }
  }

  private void concatRows(Case a, DType dtype, DType tableType) {
    Inputs in = new Inputs(a, dtype, tableType);
    double[] wanted = ConcatReference.rows(a.sizes, in.q, in.table, in.indices, in.weights);
    try (Trial trial = trial("concat_rows", dtype, tableType, a)) {
      Tensor q = trial.input("q", dtype, in.q, a.positions, a.sizes.dim());
      Tensor table = trial.input("table", tableType, in.table, a.entries, a.sizes.width());
      Tensor indices = trial.input("indices", in.indices, a.positions, a.sizes.slots());
      Tensor weights = trial.input("weights", F32, in.weights, a.positions, a.sizes.slots());
      Tensor z = trial.output("z", dtype, a.positions, a.columns());
      trial
          .run(() -> device.memory().concatRows(q, table, indices, weights, z))
          .expect(z, wanted, Tolerance.elementwise(dtype));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void concatTokensBackward(DType dtype) {
    for (Case a : CASES) {
      for (Accumulation mode : Accumulation.values()) {
        concatTokensBackward(a, dtype, mode, true);
      }
      concatTokensBackward(a, dtype, Accumulation.REPLACE, false);
    }
  }

  private void concatTokensBackward(Case a, DType dtype, Accumulation mode, boolean wanted) {
    Inputs in = new Inputs(a, dtype, dtype);
    double[] z =
        Bits.round(
            dtype,
            ConcatReference.tokens(a.sizes, in.q, in.embeddings, in.bank, in.indices, in.weights));
    double[] old = new Numbers(7).values(F32, in.embeddings.length);
    ConcatReference.Gradient gradient =
        ConcatReference.tokensBackward(a.sizes, in.dz, z, in.bank, in.indices, in.weights, old);
    try (Trial trial = trial("concat_tokens_backward", dtype, a, mode, wanted)) {
      Gradients tensors = new Gradients(trial, a, dtype, in, z, mode);
      Tensor bank = trial.input("bank", in.bank, a.entries, a.sizes.places());
      Tensor order = trial.input("order", in.order(), a.reads());
      Tensor d = wanted ? trial.inOut("dEmbeddings", F32, old, VOCABULARY, a.sizes.width()) : null;
      trial.run(
          () ->
              device
                  .memory()
                  .concatTokensBackward(
                      tensors.dz,
                      tensors.z,
                      bank,
                      tensors.indices,
                      tensors.weights,
                      order,
                      mode,
                      tensors.dq,
                      d,
                      tensors.dLogWeights));
      tensors.expect(gradient, d, Tolerance.sum(dtype));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void concatRowsBackward(DType dtype) {
    for (Case a : CASES) {
      for (Accumulation mode : Accumulation.values()) {
        concatRowsBackward(a.rows(), dtype, mode, true);
      }
      concatRowsBackward(a.rows(), dtype, Accumulation.ADD, false);
    }
  }

  private void concatRowsBackward(Case a, DType dtype, Accumulation mode, boolean wanted) {
    Inputs in = new Inputs(a, dtype, dtype);
    double[] z =
        Bits.round(dtype, ConcatReference.rows(a.sizes, in.q, in.table, in.indices, in.weights));
    double[] old = new Numbers(9).values(F32, in.table.length);
    ConcatReference.Gradient gradient =
        ConcatReference.rowsBackward(a.sizes, in.dz, z, in.indices, in.weights, old);
    try (Trial trial = trial("concat_rows_backward", dtype, a, mode, wanted)) {
      Gradients tensors = new Gradients(trial, a, dtype, in, z, mode);
      Tensor d = wanted ? trial.inOut("dTable", F32, old, a.entries, a.sizes.width()) : null;
      trial.run(
          () ->
              device
                  .memory()
                  .concatRowsBackward(
                      tensors.dz,
                      tensors.z,
                      tensors.indices,
                      tensors.weights,
                      mode,
                      tensors.dq,
                      d,
                      tensors.dLogWeights));
      tensors.expect(gradient, d, Tolerance.sum(F32));
    }
  }

  /** What both gradients take. */
  private static final class Gradients {
    final Trial trial;
    final DType dtype;
    final double[] old;
    final Tensor dz;
    final Tensor z;
    final Tensor indices;
    final Tensor weights;
    final Tensor dq;
    final Tensor dLogWeights;

    Gradients(Trial trial, Case a, DType dtype, Inputs in, double[] forward, Accumulation mode) {
      this.trial = trial;
      this.dtype = dtype;
      boolean add = mode == Accumulation.ADD;
      old = add ? in.old : new double[in.old.length];
      dz = trial.input("dz", dtype, in.dz, a.positions, a.columns());
      z = trial.input("z", dtype, forward, a.positions, a.columns());
      indices = trial.input("indices", in.indices, a.positions, a.sizes.slots());
      weights = trial.input("weights", F32, in.weights, a.positions, a.sizes.slots());
      dq =
          add
              ? trial.inOut("dq", dtype, in.old, a.positions, a.sizes.dim())
              : trial.output("dq", dtype, a.positions, a.sizes.dim());
      dLogWeights = trial.output("dLogWeights", F32, a.positions, a.sizes.slots());
    }

    void expect(ConcatReference.Gradient gradient, Tensor source, Tolerance tolerance) {
      double[] wanted = gradient.dq().clone();
      Arrays.setAll(wanted, i -> wanted[i] + old[i]);
      trial
          .expect(dq, wanted, Tolerance.elementwise(dtype))
          .expect(dLogWeights, gradient.dLogWeights(), Tolerance.sum(F32));
      if (source != null) {
        trial.expect(source, gradient.dSource(), tolerance);
      }
    }
  }
}
