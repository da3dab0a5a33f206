// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.MatrixReference;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;

/** Matrix products. */
public abstract class MatrixConformance extends DeviceTestCase {
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1},
          new int[] {1, 37, 13},
          new int[] {29, 1, 7},
          new int[] {11, 5, 1},
          new int[] {67, 131, 71},
          new int[] {2, 1031, 33},
          new int[] {130, 17, 1025});

  @ParameterizedTest
  @MethodSource("floating")
  void gemmInEveryOrientation(DType dtype) {
    for (int[] size : SIZES) {
      for (int flags = 0; flags < 4; flags++) {
        gemm(dtype, dtype, (flags & 1) != 0, (flags & 2) != 0, size, -0.75f, 0f);
        gemm(dtype, DType.F32, (flags & 1) != 0, (flags & 2) != 0, size, 1f, 1f);
      }
    }
    gemm(dtype, dtype, false, true, new int[] {19, 23, 41}, 0.5f, -1.25f);
    gemm(dtype, dtype, false, true, new int[] {19, 23, 41}, 0f, 0.5f);
    gemm(dtype, dtype, false, true, new int[] {263, 521, 509}, 1f, 0f);
    gemm(dtype, dtype, true, false, new int[] {521, 263, 509}, 1f, 1f);
  }

  private void gemm(
      DType dtype,
      DType result,
      boolean transposeA,
      boolean transposeB,
      int[] size,
      float alpha,
      float beta) {
    int m = size[0];
    int n = size[1];
    int k = size[2];
    Numbers numbers = new Numbers(m * 7 + n);
    double[] a = numbers.values(dtype, m * k);
    double[] b = numbers.values(dtype, k * n);
    double[] old = beta == 0 ? Numbers.filled(m * n, Double.NaN) : numbers.values(result, m * n);
    double[] wanted = MatrixReference.gemm(transposeA, transposeB, m, n, k, alpha, a, b, beta, old);
    try (Trial trial = trial("gemm", dtype, result, transposeA, transposeB, m, n, k, beta)) {
      Tensor ta = trial.input("a", dtype, a, transposeA ? k : m, transposeA ? m : k);
      Tensor tb = trial.input("b", dtype, b, transposeB ? n : k, transposeB ? k : n);
      Tensor tc = trial.inOut("c", result, old, m, n);
      trial
          .run(() -> device.matrix().gemm(transposeA, transposeB, alpha, ta, tb, beta, tc))
          .expect(tc, wanted, Tolerance.sum(result));
    }
  }

  /** q·kᵀ for each head of packed rows: the operands lie side by side. */
  @ParameterizedTest
  @MethodSource("floating")
  void batchedGemmSideBySide(DType dtype) {
    batchedGemmSideBySide(dtype, 3);
    batchedGemmSideBySide(dtype, 67);
  }

  private void batchedGemmSideBySide(DType dtype, int heads) {
    int rows = 11;
    int width = 5;
    int packed = heads * width;
    batchedGemm(
        dtype,
        new BatchedGemm(
            heads,
            rows,
            rows,
            width,
            new Layout(packed, width, false),
            new Layout(packed, width, true),
            new Layout(rows, rows * rows, false)),
        new int[] {rows, packed},
        new int[] {rows, packed},
        new int[] {heads * rows, rows});
  }

  /** p·v for each head into packed rows with columns to spare, which must stay. */
  @ParameterizedTest
  @MethodSource("floating")
  void batchedGemmIntoPackedRows(DType dtype) {
    int heads = 4;
    int rows = 7;
    int inner = 9;
    int width = 3;
    int packed = heads * width + 2;
    batchedGemm(
        dtype,
        new BatchedGemm(
            heads,
            rows,
            width,
            inner,
            new Layout(rows, inner * rows, true),
            new Layout(width, inner * width, false),
            new Layout(packed, width, false)),
        new int[] {heads * inner, rows},
        new int[] {heads * inner, width},
        new int[] {rows, packed});
  }

  /** One operand for all products (stride 0), and a single product. */
  @ParameterizedTest
  @MethodSource("floating")
  void batchedGemmWithSharedOperand(DType dtype) {
    for (int batch : new int[] {1, 6}) {
      batchedGemm(
          dtype,
          new BatchedGemm(
              batch,
              1,
              13,
              17,
              new Layout(17, 17, false),
              new Layout(13, 0, false),
              new Layout(13, 13, false)),
          new int[] {batch, 17},
          new int[] {17, 13},
          new int[] {batch, 13});
    }
  }

  private void batchedGemm(DType dtype, BatchedGemm layout, int[] a, int[] b, int[] c) {
    for (float beta : new float[] {0f, 0.5f}) {
      Numbers numbers = new Numbers(layout.m());
      double[] left = numbers.values(dtype, a[0] * a[1]);
      double[] right = numbers.values(dtype, b[0] * b[1]);
      double[] old = numbers.values(dtype, c[0] * c[1]);
      double[] wanted = MatrixReference.batchedGemm(layout, 1.5, left, right, beta, old);
      try (Trial trial = trial("batched_gemm", dtype, layout, beta)) {
        Tensor ta = trial.input("a", dtype, left, a[0], a[1]);
        Tensor tb = trial.input("b", dtype, right, b[0], b[1]);
        Tensor tc = trial.inOut("c", dtype, old, c[0], c[1]);
        trial
            .run(() -> device.matrix().batchedGemm(layout, 1.5f, ta, tb, beta, tc))
            .expect(tc, wanted, Tolerance.sum(dtype));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void linearLayer(DType dtype) {
    int rows = 23;
    int in = 19;
    int out = 37;
    Numbers numbers = new Numbers(5);
    double[] x = numbers.values(dtype, rows * in);
    double[] w = numbers.values(dtype, out * in);
    double[] dy = numbers.values(dtype, rows * out);
    double[] dwOld = numbers.values(DType.F32, out * in);
    try (Trial trial = trial("linear", dtype)) {
      Tensor tx = trial.input("x", dtype, x, rows, in);
      Tensor tw = trial.input("w", dtype, w, out, in);
      Tensor ty = trial.output("y", dtype, rows, out);
      trial.run(() -> device.matrix().linear(tx, tw, ty));
      double[] y =
          MatrixReference.gemm(false, true, rows, out, in, 1, x, w, 0, new double[rows * out]);
      trial.expect(ty, y, Tolerance.sum(dtype));
    }
    try (Trial trial = trial("linear_weight_gradient", dtype)) {
      Tensor tdy = trial.input("dy", dtype, dy, rows, out);
      Tensor tx = trial.input("x", dtype, x, rows, in);
      Tensor tdw = trial.inOut("dw", DType.F32, dwOld, out, in);
      trial.run(() -> device.matrix().linearWeightGradient(tdy, tx, tdw));
      double[] dw = MatrixReference.gemm(true, false, out, in, rows, 1, dy, x, 1, dwOld);
      trial.expect(tdw, dw, Tolerance.sum(DType.F32));
    }
    for (Accumulation mode : Accumulation.values()) {
      boolean add = mode == Accumulation.ADD;
      double[] old = add ? numbers.values(dtype, rows * in) : Numbers.filled(rows * in, Double.NaN);
      try (Trial trial = trial("linear_input_gradient", dtype, mode)) {
        Tensor tdy = trial.input("dy", dtype, dy, rows, out);
        Tensor tw = trial.input("w", dtype, w, out, in);
        Tensor tdx = trial.inOut("dx", dtype, old, rows, in);
        trial.run(() -> device.matrix().linearInputGradient(tdy, tw, mode, tdx));
        double[] dx = MatrixReference.gemm(false, false, rows, in, out, 1, dy, w, add ? 1 : 0, old);
        trial.expect(tdx, dx, Tolerance.sum(dtype));
      }
    }
  }

  /** Terms far apart in size: a sum in half precision would lose the small ones. */
  @ParameterizedTest
  @MethodSource("floating")
  void gemmAccumulatesInSinglePrecision(DType dtype) {
    int k = 2048;
    double[] ones = Numbers.filled(k, 1);
    double[] b = Numbers.filled(k, 1);
    b[0] = 4096;
    try (Trial trial = trial("gemm of ones", dtype)) {
      Tensor ta = trial.input("a", dtype, ones, 1, k);
      Tensor tb = trial.input("b", dtype, b, 1, k);
      Tensor tc = trial.output("c", DType.F32, 1, 1);
      trial
          .run(() -> device.matrix().gemm(false, true, 1f, ta, tb, 0f, tc))
          .expect(tc, new double[] {4096 + k - 1}, Tolerance.EXACT);
    }
  }

  @Test
  void gemmReadsMatricesOfAnyRank() {
    double[] x = new Numbers(3).values(DType.F32, 2 * 3 * 5);
    double[] w = new Numbers(4).values(DType.F32, 7 * 5);
    try (Trial trial = trial("linear of rank 3")) {
      Tensor tx = trial.input("x", DType.F32, x, 2, 3, 5);
      Tensor tw = trial.input("w", DType.F32, w, 7, 5);
      Tensor ty = trial.output("y", DType.F32, 6, 7);
      trial
          .run(() -> device.matrix().linear(tx, tw, ty))
          .expect(
              ty,
              MatrixReference.gemm(false, true, 6, 7, 5, 1, x, w, 0, new double[42]),
              Tolerance.sum(DType.F32));
    }
  }
}
