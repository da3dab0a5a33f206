// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.blas;

import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusName;
import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusString;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulAlgo_t;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.mneme.compute.Closer;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.nd4j.cuda.driver.CudaException;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;

/**
 * Matrix products by cuBLASLt on a device's stream. Plans are made once for each kind of problem;
 * from then on a product allocates no native memory.
 */
public final class CublasLt {
  /** Room for the partial sums of a weight gradient, whose k is far larger than its m and n. */
  public static final long WORKSPACE_BYTES = 64L << 20;

  /** More than a model has; sizes that vary would add up without an end. */
  private static final int MOST_PLANS = 512;

  private final CudaRuntime cuda;
  private final CudaContext context;
  private final GemmTuner tuner;
  private final cublasLtContext handle = new cublasLtContext();
  private final Map<GemmProblem, GemmPlan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private final FloatPointer alpha = new FloatPointer(1);
  private final FloatPointer beta = new FloatPointer(1);
  private final DeviceAddress left = new DeviceAddress();
  private final DeviceAddress right = new DeviceAddress();
  private final DeviceAddress old = new DeviceAddress();
  private final DeviceAddress result = new DeviceAddress();
  private final DeviceAddress workspace = new DeviceAddress();

  /** Loads the library; lets it go when the context is closed. */
  public CublasLt(CudaRuntime cuda) {
    this.cuda = cuda;
    this.context = cuda.context();
    this.tuner = new GemmTuner(cuda);
    context.makeCurrent();
    check(cublasLtCreate(handle), "cublasLtCreate");
    context.whenClosed(this::close);
  }

  /**
   * Enqueues C = alpha·op(A)·op(B) + beta·C for every product of a batch.
   *
   * @param problem the batch, with the alignments of the operands
   * @param alpha factor of the products
   * @param a holds the row-major left operands
   * @param b holds the right operands
   * @param beta factor of the old contents; with 0 they are not read
   * @param c holds the results
   * @param workspace of {@link #WORKSPACE_BYTES}
   * @return false, and nothing is done, if cuBLASLt has no algorithm for this problem
   */
  public boolean multiply(
      GemmProblem problem,
      float alpha,
      Tensor a,
      Tensor b,
      float beta,
      Tensor c,
      Tensor workspace) {
    context.makeCurrent();
    GemmPlan plan = plans.get(problem);
    boolean isNew = plan == null;
    if (isNew) {
      plan = add(problem);
    }
    if (plan.algorithmCount() == 0) {
      return false;
    }
    this.alpha.put(alpha);
    this.beta.put(beta);
    left.set(cuda.address(b));
    right.set(cuda.address(a));
    old.set(cuda.address(c));
    this.workspace.set(cuda.address(workspace));
    // What comes but once, such as the rest of a table, is done sooner than a choice.
    if (!isNew && !plan.isTuned() && problem.isTunable() && !context.isCapturing()) {
      tune(plan, beta, c);
    }
    run(plan, plan.algorithm(), c);
    return true;
  }

  /** Makes a plan, and forgets the one that was not used for longest if there are many. */
  private GemmPlan add(GemmProblem problem) {
    if (plans.size() >= MOST_PLANS) {
      Iterator<GemmPlan> oldest = plans.values().iterator();
      oldest.next().close();
      oldest.remove();
    }
    GemmPlan plan = new GemmPlan(handle, problem, WORKSPACE_BYTES);
    plans.put(problem, plan);
    return plan;
  }

  /** The old contents of {@code c} stay if they are still to be read. */
  private void tune(GemmPlan plan, float beta, Tensor c) {
    if (beta == 0) {
      tuneInto(plan, c);
    } else {
      try (Tensor target = cuda.scratch(c.dtype(), c.elementCount())) {
        tuneInto(plan, target);
      }
    }
  }

  private void tuneInto(GemmPlan plan, Tensor target) {
    int best = tuner.best(plan.algorithmCount(), i -> run(plan, plan.algorithm(i), target), target);
    if (best >= 0) {
      plan.choose(best);
    }
  }

  private void run(GemmPlan plan, cublasLtMatmulAlgo_t algorithm, Tensor target) {
    check(
        cublasLtMatmul(
            handle,
            plan.product(),
            alpha,
            left,
            plan.left(),
            right,
            plan.right(),
            beta,
            old,
            plan.result(),
            result.set(cuda.address(target)),
            plan.result(),
            algorithm,
            workspace,
            WORKSPACE_BYTES,
            context.stream()),
        "cublasLtMatmul");
  }

  /** Lets success pass. */
  static void check(int code, String call) {
    if (code != CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(
          code,
          String.format(
              Locale.ROOT,
              "%s failed: %s (%d): %s",
              call,
              cublasLtGetStatusName(code).getString(),
              code,
              cublasLtGetStatusString(code).getString()));
    }
  }

  private void close() {
    Closer closer = new Closer();
    closer.add(() -> cublasLtDestroy(handle));
    closer.add(beta);
    closer.add(alpha);
    plans.values().forEach(closer::add);
    plans.clear();
    closer.close();
  }

  /** A device address as a pointer that is set anew for every call. */
  private static final class DeviceAddress extends Pointer {
    Pointer set(long value) {
      this.address = value;
      return this;
    }
  }
}
