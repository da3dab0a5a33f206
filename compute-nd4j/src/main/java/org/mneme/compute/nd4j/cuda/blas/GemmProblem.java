// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.blas;

import org.mneme.compute.DType;
import org.mneme.compute.kernels.BatchedGemm;

/**
 * A batch of matrix products as cuBLASLt is told of it, and all that its choice of an algorithm may
 * depend on.
 *
 * <p>cuBLASLt reads matrices column by column, so it sees every stored matrix transposed, and is
 * asked for Cᵀ = op(B)ᵀ·op(A)ᵀ: the operands change places, and what was transposed stays so.
 *
 * @param inputs dtype of the operands
 * @param output dtype of the result
 * @param batch number of products
 * @param left what cuBLASLt calls A: the right operand of the row-major product
 * @param right what cuBLASLt calls B: the left operand of the row-major product
 * @param result what cuBLASLt calls C and D
 */
public record GemmProblem(
    DType inputs, DType output, int batch, Operand left, Operand right, Operand result) {
  /**
   * One operand, column-major.
   *
   * @param rows of the stored matrix
   * @param columns of the stored matrix
   * @param ld elements from one column to the next
   * @param stride elements from one matrix to the next; 0 if there is only one
   * @param transposed whether the stored matrix is used transposed
   * @param alignment of the first matrix in bytes: 256, 16 or a smaller power of 2
   */
  public record Operand(
      long rows, long columns, long ld, long stride, boolean transposed, int alignment) {}

  private static final int ALLOCATION = 256;
  private static final int WIDEST_ACCESS = 16;

  /** Takes a few microseconds, no longer than a launch. */
  private static final double TUNABLE_OPERATIONS = 1e9;

  /**
   * Translates a row-major batch.
   *
   * @param inputs dtype of A and B
   * @param output dtype of C
   * @param gemm extents and places
   * @param a address of A in bytes
   * @param b address of B
   * @param c address of C
   */
  public static GemmProblem of(
      DType inputs, DType output, BatchedGemm gemm, long a, long b, long c) {
    return new GemmProblem(
        inputs,
        output,
        gemm.batch(),
        operand(gemm, gemm.b(), gemm.k(), gemm.n(), b),
        operand(gemm, gemm.a(), gemm.m(), gemm.k(), a),
        operand(gemm, gemm.c(), gemm.m(), gemm.n(), c));
  }

  /** The terms of each sum: k. */
  long inner() {
    return left.transposed() ? left.rows() : left.columns();
  }

  /**
   * Whether there is one product, large enough to be worth a choice, with a result without gaps.
   */
  boolean isTunable() {
    double operations = 2.0 * result.rows() * result.columns() * inner();
    return batch == 1 && result.ld() == result.rows() && operations >= TUNABLE_OPERATIONS;
  }

  /** op(X) is [rows, columns], row-major. */
  private static Operand operand(
      BatchedGemm gemm, BatchedGemm.Layout layout, long rows, long columns, long address) {
    boolean transposed = layout.transposed();
    return new Operand(
        transposed ? rows : columns,
        transposed ? columns : rows,
        layout.ld(),
        gemm.batch() == 1 ? 0 : layout.stride(),
        transposed,
        alignment(address));
  }

  /** In few classes, so that views at different rows share an algorithm. */
  private static int alignment(long address) {
    return address % ALLOCATION == 0
        ? ALLOCATION
        : (int) Math.min(WIDEST_ACCESS, Long.lowestOneBit(address));
  }
}
