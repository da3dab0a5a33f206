// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;

/** Checks the arguments of matrix products and times them. */
final class CheckedMatrixKernels implements MatrixKernels {
  private final MatrixKernels kernels;
  private final ArgumentCheck check;
  private final OperationRunner operations;

  CheckedMatrixKernels(MatrixKernels kernels, ArgumentCheck check, OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.operations = operations;
  }

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      float alpha,
      Tensor a,
      Tensor b,
      float beta,
      Tensor c) {
    check.of("gemm").floating("a", a);
    long m = transposeA ? a.shape().columns() : a.shape().rows();
    long k = transposeA ? a.shape().rows() : a.shape().columns();
    check.dtype("b", b, a.dtype());
    long n = transposeB ? b.shape().rows() : b.shape().columns();
    product("a", a, "b", b, transposeB, k, "c", c, m, n);
    operations.run("gemm", () -> kernels.gemm(transposeA, transposeB, alpha, a, b, beta, c));
  }

  private void product(
      String aName,
      Tensor a,
      String bName,
      Tensor b,
      boolean transposeB,
      long k,
      String cName,
      Tensor c,
      long m,
      long n) {
    check
        .matrix(bName, b, a.dtype(), transposeB ? n : k, transposeB ? k : n)
        .matrix(cName, c, result(cName, c, a.dtype()), m, n)
        .disjoint(cName, c, aName, a)
        .disjoint(cName, c, bName, b);
  }

  private DType result(String name, Tensor c, DType inputs) {
    check.tensor(name, c);
    return c.dtype() == inputs ? inputs : DType.F32;
  }

  @Override
  public void batchedGemm(
      BatchedGemm layout, float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    check.of("batched_gemm").floating("a", a).dtype("b", b, a.dtype());
    check.dtype("c", c, result("c", c, a.dtype()));
    BatchedGemm.Layout la = layout.a();
    BatchedGemm.Layout lb = layout.b();
    within("a", a, la, layout.batch(), layout.m(), layout.k());
    within("b", b, lb, layout.batch(), layout.k(), layout.n());
    within("c", c, layout.c(), layout.batch(), layout.m(), layout.n());
    check.shapeThat(apart(layout), "c", c, "results that do not overlap, found " + layout);
    check.disjoint("c", c, "a", a).disjoint("c", c, "b", b);
    operations.run("batched_gemm", () -> kernels.batchedGemm(layout, alpha, a, b, beta, c));
  }

  private void within(
      String name, Tensor tensor, BatchedGemm.Layout layout, int batch, int rows, int columns) {
    int storedRows = layout.transposed() ? columns : rows;
    int storedColumns = layout.transposed() ? rows : columns;
    long elements = tensor.elementCount();
    boolean lies =
        layout.ld() >= storedColumns
            && (storedRows == 1 || layout.ld() <= elements)
            && (batch == 1 || (layout.stride() >= 0 && layout.stride() <= elements));
    if (lies) {
      long last = storedColumns;
      last += storedRows == 1 ? 0 : saturated(storedRows - 1, layout.ld());
      long start = batch == 1 ? 0 : saturated(batch - 1, layout.stride());
      lies = last <= elements && start <= elements - last;
    }
    check.shapeThat(lies, name, tensor, "all of " + batch + " matrices at " + layout);
  }

  /** The product, or the largest long that leaves room for an int: more than any tensor holds. */
  private static long saturated(int count, long distance) {
    long product = count * distance;
    boolean overflow = Math.multiplyHigh(count, distance) != 0 || product < 0;
    return overflow ? Long.MAX_VALUE - Integer.MAX_VALUE : product;
  }

  /** Results lie one behind the other, or side by side within the rows. */
  private static boolean apart(BatchedGemm layout) {
    if (layout.batch() == 1) {
      return true;
    }
    long stride = layout.c().stride();
    long ld = layout.m() == 1 ? 0 : layout.c().ld();
    boolean behind = stride >= (layout.m() - 1) * ld + layout.n();
    boolean beside = stride >= layout.n() && (layout.batch() - 1) * stride + layout.n() <= ld;
    return behind || beside;
  }

  @Override
  public void linear(Tensor x, Tensor w, Tensor y) {
    check.of("linear").floating("x", x).dtype("w", w, x.dtype());
    long in = x.shape().columns();
    product("x", x, "w", w, true, in, "y", y, x.shape().rows(), w.shape().rows());
    operations.run("linear", () -> kernels.linear(x, w, y));
  }

  @Override
  public void linearInputGradient(Tensor dy, Tensor w, Accumulation mode, Tensor dx) {
    check.of("linear_input_gradient").floating("dy", dy).dtype("w", w, dy.dtype());
    if (mode == null) {
      throw check.illegal("mode", "is null", "REPLACE or ADD");
    }
    long out = dy.shape().columns();
    product("dy", dy, "w", w, false, out, "dx", dx, dy.shape().rows(), w.shape().columns());
    operations.run("linear_input_gradient", () -> kernels.linearInputGradient(dy, w, mode, dx));
  }

  @Override
  public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw) {
    check.of("linear_weight_gradient").floating("dy", dy).dtype("x", x, dy.dtype());
    long in = x.shape().columns();
    product("dy", dy, "x", x, false, dy.shape().rows(), "dw", dw, dy.shape().columns(), in);
    operations.run("linear_weight_gradient", () -> kernels.linearWeightGradient(dy, x, dw));
  }
}
