// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.blas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.conformance.reference.MatrixReference;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;
import org.mneme.compute.nd4j.cuda.blas.GemmProblem.Operand;

/** What cuBLASLt is told, done by hand as its documentation says, gives the row-major product. */
class GemmProblemTest {
  private static final int ALIGNED = 1 << 20;

  private static GemmProblem problem(BatchedGemm gemm) {
    return GemmProblem.of(DType.F32, DType.F32, gemm, ALIGNED, ALIGNED, ALIGNED);
  }

  @Test
  void everyOrientation() {
    for (int flags = 0; flags < 4; flags++) {
      boolean transposeA = (flags & 1) != 0;
      boolean transposeB = (flags & 2) != 0;
      multiplies(
          new BatchedGemm(
              1,
              3,
              5,
              7,
              new Layout(transposeA ? 3 : 7, 0, transposeA),
              new Layout(transposeB ? 7 : 5, 0, transposeB),
              new Layout(5, 0, false)));
    }
  }

  /** Heads of packed rows: the matrices of the result lie between each other. */
  @Test
  void interleavedHeads() {
    int heads = 4;
    int packed = heads * 3 + 2;
    multiplies(
        new BatchedGemm(
            heads,
            7,
            3,
            9,
            new Layout(7, 63, true),
            new Layout(3, 27, false),
            new Layout(packed, 3, false)));
  }

  @Test
  void sharedOperand() {
    multiplies(
        new BatchedGemm(
            6,
            1,
            13,
            17,
            new Layout(17, 17, false),
            new Layout(13, 0, false),
            new Layout(13, 13, false)));
  }

  private static void multiplies(BatchedGemm gemm) {
    SplittableRandom random = new SplittableRandom(3);
    double[] a = random.doubles(1000, -1, 1).toArray();
    double[] b = random.doubles(1000, -1, 1).toArray();
    double[] c = random.doubles(1000, -1, 1).toArray();
    double[] wanted = MatrixReference.batchedGemm(gemm, 1, a, b, 1, c);
    assertThat(problem(gemm).inner()).isEqualTo(gemm.k());
    multiply(problem(gemm), a, b, c);
    for (int i = 0; i < c.length; i++) {
      assertThat(c[i]).as("element %d of %s", i, gemm).isEqualTo(wanted[i]);
    }
  }

  /** D_i = op(A_i)·op(B_i) + C_i in place, column-major; cuBLASLt's A is the row-major b. */
  private static void multiply(GemmProblem problem, double[] a, double[] b, double[] c) {
    Operand result = problem.result();
    Operand left = problem.left();
    long inners = problem.inner();
    assertThat(problem.right().transposed() ? problem.right().columns() : problem.right().rows())
        .isEqualTo(inners);
    for (int i = 0; i < problem.batch(); i++) {
      for (long row = 0; row < result.rows(); row++) {
        for (long column = 0; column < result.columns(); column++) {
          double sum = 0;
          for (long inner = 0; inner < inners; inner++) {
            sum += b[place(left, i, row, inner)] * a[place(problem.right(), i, inner, column)];
          }
          c[place(result, i, row, column)] += sum;
        }
      }
    }
  }

  private static int place(Operand operand, int i, long row, long column) {
    long storedRow = operand.transposed() ? column : row;
    long storedColumn = operand.transposed() ? row : column;
    assertThat(storedRow).isLessThan(operand.rows());
    assertThat(storedColumn).isLessThan(operand.columns());
    return (int) (i * operand.stride() + storedColumn * operand.ld() + storedRow);
  }

  @Test
  void alignmentHasFewClasses() {
    long[] addresses = {512, 768, 384, 272, 24, 6};
    List<Integer> wanted = List.of(256, 256, 16, 16, 8, 2);
    Layout layout = new Layout(1, 1, false);
    BatchedGemm gemm = new BatchedGemm(1, 1, 1, 1, layout, layout, layout);
    for (int i = 0; i < addresses.length; i++) {
      GemmProblem problem =
          GemmProblem.of(DType.BF16, DType.F32, gemm, ALIGNED, addresses[i], ALIGNED);
      assertThat(problem.left().alignment()).isEqualTo(wanted.get(i));
      assertThat(problem.right().alignment()).isEqualTo(256);
    }
  }
}
