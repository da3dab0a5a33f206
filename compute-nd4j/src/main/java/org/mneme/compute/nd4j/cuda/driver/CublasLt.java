// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusName;
import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusString;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Matrix products by cuBLASLt on a device's stream. Plans are made once for each kind of problem;
 * from then on a product allocates no native memory.
 */
public final class CublasLt {
  /** Room for the partial sums of a weight gradient, whose k is far larger than its m and n. */
  public static final long WORKSPACE_BYTES = 64L << 20;

  private final CudaContext context;
  private final cublasLtContext handle = new cublasLtContext();
  private final Map<GemmProblem, GemmPlan> plans = new HashMap<>();
  private final FloatPointer alpha = new FloatPointer(1);
  private final FloatPointer beta = new FloatPointer(1);
  private final DeviceAddress left = new DeviceAddress();
  private final DeviceAddress right = new DeviceAddress();
  private final DeviceAddress result = new DeviceAddress();
  private final DeviceAddress workspace = new DeviceAddress();

  /** Loads the library; lets it go when the context is closed. */
  public CublasLt(CudaContext context) {
    this.context = context;
    context.makeCurrent();
    check(cublasLtCreate(handle), "cublasLtCreate");
    context.whenClosed(this::close);
  }

  /**
   * Enqueues C = alpha·op(A)·op(B) + beta·C for every product of a batch.
   *
   * @param problem the batch
   * @param alpha factor of the products
   * @param a address of the row-major left operand, aligned as the problem says
   * @param b address of the right operand
   * @param beta factor of the old contents; with 0 they are not read
   * @param c address of the result
   * @param workspaceAddress address of {@link #WORKSPACE_BYTES}, 256-byte aligned
   * @return false, and nothing is done, if cuBLASLt has no algorithm for this problem
   */
  public boolean multiply(
      GemmProblem problem, float alpha, long a, long b, float beta, long c, long workspaceAddress) {
    context.makeCurrent();
    GemmPlan plan = plans.get(problem);
    if (plan == null) {
      plan = new GemmPlan(handle, problem, WORKSPACE_BYTES);
      plans.put(problem, plan);
    }
    if (plan.algorithm() == null) {
      return false;
    }
    result.set(c);
    check(
        cublasLtMatmul(
            handle,
            plan.product(),
            this.alpha.put(alpha),
            left.set(b),
            plan.left(),
            right.set(a),
            plan.right(),
            this.beta.put(beta),
            result,
            plan.result(),
            result,
            plan.result(),
            plan.algorithm(),
            workspace.set(workspaceAddress),
            WORKSPACE_BYTES,
            context.stream()),
        "cublasLtMatmul");
    return true;
  }

  /** Lets success pass. */
  static void check(int code, String call) {
    if (code != CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(
          code,
          String.format(
              "%s failed: %s (%d): %s",
              call,
              cublasLtGetStatusName(code).getString(),
              code,
              cublasLtGetStatusString(code).getString()));
    }
  }

  private void close() {
    plans.values().forEach(GemmPlan::close);
    plans.clear();
    alpha.close();
    beta.close();
    cublasLtDestroy(handle);
  }

  /** A device address as a pointer that is set anew for every call. */
  private static final class DeviceAddress extends Pointer {
    Pointer set(long value) {
      this.address = value;
      return this;
    }
  }
}
