// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.blas;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_ALGO_CONFIG_ID;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_ALGO_CONFIG_SPLITK_NUM;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_IMPL_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_NUMERICAL_IMPL_FLAGS_TENSOR_OP_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_NONE;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_NOT_SUPPORTED;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoConfigGetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescInit;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceInit;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutInit;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutSetAttribute;
import static org.mneme.compute.nd4j.cuda.blas.CublasLt.check;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulAlgo_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;

/**
 * A {@link GemmProblem} in cuBLASLt's descriptors, and the algorithms for it.
 *
 * <p>The first that the heuristic names is used, until another of its kind is chosen that writes
 * the same bits: what a device computes must not depend on how busy it was when it was asked.
 */
final class GemmPlan implements AutoCloseable {
  /** A multiple of the tiles along k of all kernels. */
  private static final int INNER_TILE = 128;

  private static final int CANDIDATES = 8;

  private final Closer closer = new Closer();
  private final cublasLtMatmulDescOpaque_t product = closer.add(new cublasLtMatmulDescOpaque_t());
  private final cublasLtMatrixLayoutOpaque_t left;
  private final cublasLtMatrixLayoutOpaque_t right;
  private final cublasLtMatrixLayoutOpaque_t result;
  private final cublasLtMatmulHeuristicResult_t found =
      closer.add(new cublasLtMatmulHeuristicResult_t(CANDIDATES));
  private final List<cublasLtMatmulAlgo_t> algorithms;
  private int chosen;
  private boolean tuned;

  GemmPlan(cublasLtContext handle, GemmProblem problem, long workspaceBytes) {
    try {
      check(
          cublasLtMatmulDescInit(product, CUBLAS_COMPUTE_32F, cudart.CUDA_R_32F),
          "cublasLtMatmulDescInit");
      transpose(CUBLASLT_MATMUL_DESC_TRANSA, problem.left());
      transpose(CUBLASLT_MATMUL_DESC_TRANSB, problem.right());
      left = layout(problem.inputs(), problem.batch(), problem.left());
      right = layout(problem.inputs(), problem.batch(), problem.right());
      result = layout(problem.output(), problem.batch(), problem.result());
      algorithms = alike(find(handle, problem, workspaceBytes));
      tuned = algorithms.size() <= 1;
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private void transpose(int attribute, GemmProblem.Operand operand) {
    try (IntPointer value = new IntPointer(1)) {
      value.put(operand.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N);
      check(
          cublasLtMatmulDescSetAttribute(product, attribute, value, Integer.BYTES),
          "cublasLtMatmulDescSetAttribute");
    }
  }

  private cublasLtMatrixLayoutOpaque_t layout(DType dtype, int batch, GemmProblem.Operand operand) {
    cublasLtMatrixLayoutOpaque_t layout = closer.add(new cublasLtMatrixLayoutOpaque_t());
    int type = dtype == DType.BF16 ? cudart.CUDA_R_16BF : cudart.CUDA_R_32F;
    check(
        cublasLtMatrixLayoutInit(layout, type, operand.rows(), operand.columns(), operand.ld()),
        "cublasLtMatrixLayoutInit");
    if (batch > 1) {
      try (IntPointer count = new IntPointer(1);
          LongPointer stride = new LongPointer(1)) {
        count.put(batch);
        stride.put(operand.stride());
        check(
            cublasLtMatrixLayoutSetAttribute(
                layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, count, Integer.BYTES),
            "cublasLtMatrixLayoutSetAttribute");
        check(
            cublasLtMatrixLayoutSetAttribute(
                layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, stride, Long.BYTES),
            "cublasLtMatrixLayoutSetAttribute");
      }
    }
    return layout;
  }

  /** Asks for algorithms, best guess first; answers with their number. */
  private int find(cublasLtContext handle, GemmProblem problem, long workspaceBytes) {
    try (cublasLtMatmulPreferenceOpaque_t preference = new cublasLtMatmulPreferenceOpaque_t()) {
      check(cublasLtMatmulPreferenceInit(preference), "cublasLtMatmulPreferenceInit");
      prefer(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspaceBytes);
      prefer(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reductions(problem));
      if (problem.inputs() == DType.F32) {
        // Tensor cores would round the inputs (TF32, or sums of bf16), if an environment variable
        // asks for it.
        prefer(
            preference,
            CUBLASLT_MATMUL_PREF_IMPL_MASK,
            ~CUBLASLT_NUMERICAL_IMPL_FLAGS_TENSOR_OP_MASK);
      }
      int c = problem.result().alignment();
      prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, problem.left().alignment());
      prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, problem.right().alignment());
      prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, c);
      prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, c);
      int[] count = new int[1];
      int code =
          cublasLtMatmulAlgoGetHeuristic(
              handle, product, left, right, result, result, preference, CANDIDATES, found, count);
      if (code == CUBLAS_STATUS_NOT_SUPPORTED) {
        return 0;
      }
      check(code, "cublasLtMatmulAlgoGetHeuristic for " + problem);
      int usable = 0;
      while (usable < count[0] && found.getPointer(usable).state() == CUBLAS_STATUS_SUCCESS) {
        usable++;
      }
      return usable;
    }
  }

  /** The first algorithm, and those of its family that split k into as many parts. */
  private List<cublasLtMatmulAlgo_t> alike(int count) {
    List<cublasLtMatmulAlgo_t> alike = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cublasLtMatmulAlgo_t algorithm = found.getPointer(i).algo();
      if (alike.isEmpty()
          || (same(CUBLASLT_ALGO_CONFIG_ID, alike.get(0), algorithm)
              && same(CUBLASLT_ALGO_CONFIG_SPLITK_NUM, alike.get(0), algorithm))) {
        alike.add(algorithm);
      }
    }
    return alike;
  }

  private static boolean same(int attribute, cublasLtMatmulAlgo_t a, cublasLtMatmulAlgo_t b) {
    return configured(attribute, a) == configured(attribute, b);
  }

  private static int configured(int attribute, cublasLtMatmulAlgo_t algorithm) {
    try (IntPointer value = new IntPointer(1);
        SizeTPointer written = new SizeTPointer(1)) {
      check(
          cublasLtMatmulAlgoConfigGetAttribute(algorithm, attribute, value, Integer.BYTES, written),
          "cublasLtMatmulAlgoConfigGetAttribute");
      return value.get();
    }
  }

  /**
   * How partial sums along k may be added up: in single precision, in a step of its own that takes
   * them in order. In place, the order would be that in which they get done. And not at all where k
   * is no multiple of the kernels' tiles: some versions then leave out its end.
   */
  private static int reductions(GemmProblem problem) {
    return problem.inner() % INNER_TILE == 0
        ? CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE
        : CUBLASLT_REDUCTION_SCHEME_NONE;
  }

  private static void prefer(cublasLtMatmulPreferenceOpaque_t preference, int name, int value) {
    try (IntPointer at = new IntPointer(1)) {
      check(
          cublasLtMatmulPreferenceSetAttribute(preference, name, at.put(value), Integer.BYTES),
          "cublasLtMatmulPreferenceSetAttribute");
    }
  }

  private static void prefer(cublasLtMatmulPreferenceOpaque_t preference, int name, long value) {
    try (LongPointer at = new LongPointer(1)) {
      check(
          cublasLtMatmulPreferenceSetAttribute(preference, name, at.put(value), Long.BYTES),
          "cublasLtMatmulPreferenceSetAttribute");
    }
  }

  cublasLtMatmulDescOpaque_t product() {
    return product;
  }

  cublasLtMatrixLayoutOpaque_t left() {
    return left;
  }

  cublasLtMatrixLayoutOpaque_t right() {
    return right;
  }

  cublasLtMatrixLayoutOpaque_t result() {
    return result;
  }

  /** How many algorithms there are to choose from, up to a few; 0 if cuBLASLt has none. */
  int algorithmCount() {
    return algorithms.size();
  }

  /** Algorithm {@code i}, in the order of the heuristic. */
  cublasLtMatmulAlgo_t algorithm(int i) {
    return algorithms.get(i);
  }

  /** The one to use; there must be one. */
  cublasLtMatmulAlgo_t algorithm() {
    return algorithms.get(chosen);
  }

  /** Whether nothing is left to choose. */
  boolean isTuned() {
    return tuned;
  }

  /** Chooses algorithm {@code i}. */
  void choose(int i) {
    chosen = i;
    tuned = true;
  }

  @Override
  public void close() {
    closer.close();
  }
}
