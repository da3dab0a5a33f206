// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.model.parameters.Parameter;

/** Differentiable products of each head with its own rows of a weight. */
public final class HeadFunctions {
  private HeadFunctions() {}

  /**
   * Projects each head with its own rows of a weight: y_h = x_h·w_h, w [H·in, out], x [N, H·in], y
   * [N, H·out]. With w = W_K this absorbs the projection of keys into the queries: ⟨q, W_K m⟩ =
   * ⟨W_Kᵀq, m⟩.
   */
  public static Var headsTimes(Tape tape, Var x, Parameter w, int heads) {
    int in = Math.toIntExact(x.columns() / heads);
    int out = Math.toIntExact(w.value().shape().columns());
    return perHead(tape, x, w, heads, in, out, false);
  }

  /**
   * Projects each head with its own rows of a weight: y_h = x_h·w_hᵀ, w [H·out, in], x [N, H·in], y
   * [N, H·out]. With w = W_V this projects the mixed entries of each head: Σ_j p_j·W_V m_j = W_V
   * Σ_j p_j·m_j.
   */
  public static Var headsTimesTransposed(Tape tape, Var x, Parameter w, int heads) {
    int in = Math.toIntExact(w.value().shape().columns());
    int out = Math.toIntExact(w.value().shape().rows() / heads);
    return perHead(tape, x, w, heads, in, out, true);
  }

  private static Var perHead(
      Tape tape, Var x, Parameter w, int heads, int in, int out, boolean transposed) {
    MatrixKernels matrix = tape.device().matrix();
    int n = Math.toIntExact(x.rows());
    long wColumns = w.value().shape().columns();
    BatchedGemm.Layout xs = new BatchedGemm.Layout((long) heads * in, in, false);
    BatchedGemm.Layout ys = new BatchedGemm.Layout((long) heads * out, out, false);
    BatchedGemm.Layout ws = new BatchedGemm.Layout(wColumns, (long) in * out, transposed);
    Var y = tape.variable(x.dtype(), n, (long) heads * out);
    matrix.batchedGemm(
        new BatchedGemm(heads, n, out, in, xs, ws, ys), 1f, x.value(), w.value(), 0f, y.value());
    tape.record(
        () -> {
          x.accumulate(
              (mode, dx) ->
                  matrix.batchedGemm(
                      new BatchedGemm(heads, n, in, out, ys, flipped(ws), xs),
                      1f,
                      y.gradient(),
                      w.value(),
                      mode.beta(),
                      dx));
          w.gradient()
              .ifPresent(
                  dw ->
                      matrix.batchedGemm(
                          transposed
                              ? new BatchedGemm(heads, out, in, n, flipped(ys), xs, plain(ws))
                              : new BatchedGemm(heads, in, out, n, flipped(xs), ys, plain(ws)),
                          1f,
                          transposed ? y.gradient() : x.value(),
                          transposed ? x.value() : y.gradient(),
                          1f,
                          dw));
        },
        y);
    return y;
  }

  private static BatchedGemm.Layout flipped(BatchedGemm.Layout layout) {
    return new BatchedGemm.Layout(layout.ld(), layout.stride(), !layout.transposed());
  }

  private static BatchedGemm.Layout plain(BatchedGemm.Layout layout) {
    return new BatchedGemm.Layout(layout.ld(), layout.stride(), false);
  }
}
