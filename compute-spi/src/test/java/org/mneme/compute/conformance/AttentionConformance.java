// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.AttentionReference;
import org.mneme.compute.kernels.AttentionShape;

/** Causal grouped-query attention. */
public abstract class AttentionConformance extends DeviceTestCase {
  private static final List<AttentionShape> SHAPES =
      List.of(
          new AttentionShape(1, 1, 1, 1, 2),
          new AttentionShape(3, 7, 2, 2, 6),
          new AttentionShape(2, 67, 6, 2, 10),
          new AttentionShape(1, 131, 4, 1, 64),
          new AttentionShape(1, 307, 1, 1, 8),
          new AttentionShape(2, 33, 3, 3, 32),
          new AttentionShape(2, 77, 8, 2, 16),
          new AttentionShape(1, 520, 2, 1, 16),
          new AttentionShape(1, 150, 2, 1, 128));

  private static double[] packed(AttentionShape shape, DType dtype) {
    int count = (int) (shape.positions() * shape.packedColumns());
    return new Numbers(shape.sequence()).values(dtype, count, 1.5);
  }

  @ParameterizedTest
  @MethodSource("floating")
  void attention(DType dtype) {
    for (AttentionShape shape : SHAPES) {
      double[] qkv = packed(shape, dtype);
      AttentionReference.Attention wanted = AttentionReference.attention(qkv, shape);
      try (Trial trial = trial("attention", dtype, shape)) {
        Tensor tq = trial.input("qkv", dtype, qkv, shape.positions(), shape.packedColumns());
        Tensor out = trial.output("out", dtype, shape.positions(), shape.outputColumns());
        Tensor sums =
            trial.output("logSumExp", F32, shape.batch(), shape.heads(), shape.sequence());
        trial
            .run(() -> device.neural().attention(tq, shape, out, sums))
            .expect(out, wanted.out(), Tolerance.sum(dtype))
            .expect(sums, wanted.logSumExp(), Tolerance.sum(F32));
      }
    }
  }

  /** Scores so large that a softmax without its maximum taken off would overflow. */
  @ParameterizedTest
  @MethodSource("floating")
  void attentionOfLargeScores(DType dtype) {
    AttentionShape shape = new AttentionShape(1, 19, 2, 1, 8);
    int count = (int) (shape.positions() * shape.packedColumns());
    double[] qkv = new Numbers(9).whole(count, 12);
    AttentionReference.Attention wanted = AttentionReference.attention(qkv, shape);
    try (Trial trial = trial("attention of large scores", dtype)) {
      Tensor tq = trial.input("qkv", dtype, qkv, shape.positions(), shape.packedColumns());
      Tensor out = trial.output("out", dtype, shape.positions(), shape.outputColumns());
      Tensor sums = trial.output("logSumExp", F32, shape.batch(), shape.heads(), shape.sequence());
      trial
          .run(() -> device.neural().attention(tq, shape, out, sums))
          .expect(out, wanted.out(), Tolerance.sum(dtype))
          .expect(sums, wanted.logSumExp(), Tolerance.sum(F32));
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void attentionBackward(DType dtype) {
    for (AttentionShape shape : SHAPES) {
      double[] qkv = packed(shape, dtype);
      AttentionReference.Attention forward = AttentionReference.attention(qkv, shape);
      double[] dOut = new Numbers(3).values(dtype, forward.out().length);
      double[] out = Bits.round(dtype, forward.out());
      double[] wanted = AttentionReference.attentionBackward(dOut, qkv, out, shape);
      double[] sums = Bits.round(F32, forward.logSumExp());
      try (Trial trial = trial("attention_backward", dtype, shape)) {
        long rows = shape.positions();
        Tensor td = trial.input("dOut", dtype, dOut, rows, shape.outputColumns());
        Tensor tq = trial.input("qkv", dtype, qkv, rows, shape.packedColumns());
        Tensor to = trial.input("out", dtype, out, rows, shape.outputColumns());
        Tensor ts =
            trial.input("logSumExp", F32, sums, shape.batch(), shape.heads(), shape.sequence());
        Tensor gradient = trial.output("dQkv", dtype, rows, shape.packedColumns());
        trial
            .run(() -> device.neural().attentionBackward(td, tq, to, ts, shape, gradient))
            .expect(gradient, wanted, Tolerance.sum(dtype));
      }
    }
  }

  /** One new position, several, and the first of all; what lies behind them is not read. */
  @ParameterizedTest
  @MethodSource("floating")
  void attentionDecode(DType dtype) {
    decode(dtype, new AttentionShape(1, 1, 1, 1, 2), 0, 1);
    decode(dtype, new AttentionShape(2, 1, 4, 2, 16), 36, 41);
    decode(dtype, new AttentionShape(3, 5, 6, 2, 10), 0, 7);
    decode(dtype, new AttentionShape(2, 3, 3, 3, 8), 130, 133);
  }

  private void decode(DType dtype, AttentionShape shape, int first, int capacity) {
    Numbers numbers = new Numbers(capacity);
    double[] qkv = numbers.values(dtype, (int) (shape.positions() * shape.packedColumns()));
    double[] keys = cache(numbers, dtype, shape, first, capacity);
    double[] values = cache(numbers, dtype, shape, first, capacity);
    double[] newKeys = AttentionReference.extend(keys, capacity, qkv, shape, false, first);
    double[] newValues = AttentionReference.extend(values, capacity, qkv, shape, true, first);
    double[] wanted =
        AttentionReference.attentionDecode(qkv, shape, newKeys, newValues, capacity, first);
    long columns = shape.keyValueColumns();
    try (Trial trial = trial("attention_decode", dtype, shape, first, capacity)) {
      Tensor tq = trial.input("qkv", dtype, qkv, shape.positions(), shape.packedColumns());
      Tensor tk = trial.inOut("keyCache", dtype, keys, shape.batch(), capacity, columns);
      Tensor tv = trial.inOut("valueCache", dtype, values, shape.batch(), capacity, columns);
      Tensor out = trial.output("out", dtype, shape.positions(), shape.outputColumns());
      trial
          .run(() -> device.neural().attentionDecode(tq, shape, tk, tv, first, out))
          .expect(out, wanted, Tolerance.sum(dtype))
          .expect(tk, newKeys, Tolerance.EXACT)
          .expect(tv, newValues, Tolerance.EXACT);
    }
  }

  /** Values up to {@code first}, and NaN behind them. */
  private static double[] cache(
      Numbers numbers, DType dtype, AttentionShape shape, int first, int capacity) {
    int columns = (int) shape.keyValueColumns();
    double[] cache = numbers.values(dtype, shape.batch() * capacity * columns);
    for (int b = 0; b < shape.batch(); b++) {
      int from = (b * capacity + first) * columns;
      Arrays.fill(cache, from, (b + 1) * capacity * columns, Double.NaN);
    }
    return cache;
  }
}
