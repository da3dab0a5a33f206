// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.model.parameters.Parameter;

/** Differentiable functions of a transformer's trunk. N positions, d model width. */
public final class NeuralFunctions {
  private NeuralFunctions() {}

  /** y = x·wᵀ: x [N, in], w [out, in], y [N, out]. */
  public static Var linear(Tape tape, Var x, Parameter w) {
    MatrixKernels matrix = tape.device().matrix();
    Var y = tape.variable(x.dtype(), x.rows(), w.value().shape().extent(0));
    matrix.linear(x.value(), w.value(), y.value());
    tape.record(
        () -> {
          Tensor dy = y.gradient();
          x.accumulate((mode, dx) -> matrix.linearInputGradient(dy, w.value(), mode, dx));
          w.gradient().ifPresent(dw -> matrix.linearWeightGradient(dy, x.value(), dw));
        },
        y);
    return y;
  }

  /** Rows of a parameter: table [V, d], ids [N] I32, y [N, d]. */
  public static Var embedding(Tape tape, Parameter table, Tensor ids) {
    return embedding(tape, table, ids, ids);
  }

  /**
   * Like {@link #embedding(Tape, Parameter, Tensor)}.
   *
   * @param counted the ids that count as read, −1 for the others [N] I32
   */
  static Var embedding(Tape tape, Parameter table, Tensor ids, Tensor counted) {
    Var y =
        tape.variable(table.value().dtype(), ids.elementCount(), table.value().shape().columns());
    tape.device().memory().gatherRows(table.value(), ids, y.value());
    tape.record(
        () -> {
          MemoryKernels memory = tape.device().memory();
          table.gradient().ifPresent(dw -> memory.scatterAddRows(y.gradient(), ids, dw));
          table.readCounts().ifPresent(counts -> memory.countIndices(counted, counts));
        },
        y);
    return y;
  }

  /** y = rmsNorm(x)·w, x and y [N, d]. */
  public static Var rmsNorm(Tape tape, Var x, Parameter w, float eps) {
    NeuralKernels neural = tape.device().neural();
    Var y = tape.variable(x.dtype(), x.rows(), x.columns());
    Tensor rstd = tape.saved(DType.F32, x.rows());
    neural.rmsNorm(x.value(), w.master(), eps, y.value(), rstd);
    tape.record(
        () ->
            x.accumulate(
                (mode, dx) ->
                    neural.rmsNormBackward(
                        y.gradient(), x.value(), w.master(), rstd, mode, dx, w.gradientOrNull())),
        y);
    return y;
  }

  /** Scales every {@code width} consecutive elements of x to RMS 1; the shape stays. */
  public static Var rmsNormalize(Tape tape, Var x, long width, float eps) {
    NeuralKernels neural = tape.device().neural();
    Var y = tape.variable(x.dtype(), x.value().shape());
    long rows = x.value().elementCount() / width;
    Tensor rstd = tape.saved(DType.F32, rows);
    Tensor xs = x.value().reshape(rows, width);
    neural.rmsNorm(xs, null, eps, y.value().reshape(rows, width), rstd);
    tape.record(
        () ->
            x.accumulate(
                (mode, dx) ->
                    neural.rmsNormBackward(
                        y.gradient().reshape(rows, width),
                        xs,
                        null,
                        rstd,
                        mode,
                        dx.reshape(rows, width),
                        null)),
        y);
    return y;
  }

  /** The residual sum and its norm: sum = x + branch, normed = rmsNorm(sum)·w; all [N, d]. */
  public static Residual addRmsNorm(Tape tape, Var x, Var branch, Parameter w, float eps) {
    NeuralKernels neural = tape.device().neural();
    Var sum = tape.variable(x.dtype(), x.rows(), x.columns());
    Var y = tape.variable(x.dtype(), x.rows(), x.columns());
    Tensor rstd = tape.saved(DType.F32, x.rows());
    neural.addRmsNorm(x.value(), branch.value(), w.master(), eps, sum.value(), y.value(), rstd);
    tape.record(
        () -> {
          if (y.hasGradient()) {
            sum.accumulate(
                (mode, dSum) ->
                    neural.rmsNormBackward(
                        y.gradient(),
                        sum.value(),
                        w.master(),
                        rstd,
                        mode,
                        dSum,
                        w.gradientOrNull()));
          }
          x.addGradientOf(sum);
          branch.addGradientOf(sum);
        },
        sum,
        y);
    return new Residual(sum, y);
  }

  /** x + branch, same shapes. */
  public static Var add(Tape tape, Var x, Var branch) {
    Var sum = tape.variable(x.dtype(), x.rows(), x.columns());
    tape.device().neural().add(x.value(), branch.value(), sum.value());
    tape.record(
        () -> {
          x.addGradientOf(sum);
          branch.addGradientOf(sum);
        },
        sum);
    return sum;
  }

  /**
   * Rotates the query and key heads of packed rows (in place, so {@code qkv} must have no other
   * use) and attends causally.
   *
   * @param qkv [B·T, packedColumns]
   * @param rotary cosines and sines [≥ T, headDim]
   * @return [B·T, H·headDim]
   */
  public static Var attention(Tape tape, Var qkv, Tensor rotary, AttentionShape shape) {
    NeuralKernels neural = tape.device().neural();
    int rotated = shape.heads() + shape.keyValueHeads();
    Var out = tape.variable(qkv.dtype(), shape.positions(), shape.outputColumns());
    Tensor logSumExp = tape.saved(DType.F32, shape.batch(), shape.heads(), shape.sequence());
    neural.rotary(qkv.value(), rotary, shape.sequence(), rotated, 0, false);
    neural.attention(qkv.value(), shape, out.value(), logSumExp);
    tape.record(
        () ->
            qkv.accumulateWhole(
                dQkv -> {
                  neural.attentionBackward(
                      out.gradient(), qkv.value(), out.value(), logSumExp, shape, dQkv);
                  neural.rotary(dQkv, rotary, shape.sequence(), rotated, 0, true);
                }),
        out);
    return out;
  }

  /** silu(gate)·up of packed rows [gate | up] [N, 2h], result [N, h]. */
  public static Var swiGlu(Tape tape, Var gateUp) {
    Var out = tape.variable(gateUp.dtype(), gateUp.rows(), gateUp.columns() / 2);
    tape.device().neural().swiGlu(gateUp.value(), out.value());
    tape.record(
        () ->
            gateUp.accumulateWhole(
                dGateUp ->
                    tape.device().neural().swiGluBackward(out.gradient(), gateUp.value(), dGateUp)),
        out);
    return out;
  }

  /** value·silu(gate), elementwise. */
  public static Var siluGate(Tape tape, Var gate, Var value) {
    NeuralKernels neural = tape.device().neural();
    Var out = tape.variable(value.dtype(), value.rows(), value.columns());
    neural.siluGate(gate.value(), value.value(), out.value());
    tape.record(
        () ->
            gate.accumulateWhole(
                dGate ->
                    value.accumulateWhole(
                        dValue ->
                            neural.siluGateBackward(
                                out.gradient(), gate.value(), value.value(), dGate, dValue))),
        out);
    return out;
  }

  /**
   * Batch normalisation of the columns of x [N, C] with the statistics of these rows; running
   * statistics are kept in two of the given parameters.
   *
   * @param valid 0 for rows that take no part, whose output is 0 [N] I32; null: all take part
   */
  public static Var batchNorm(Tape tape, Var x, Tensor valid, BatchNormParameters norm) {
    NeuralKernels neural = tape.device().neural();
    Var y = tape.variable(x.dtype(), x.rows(), x.columns());
    Tensor mean = tape.saved(DType.F32, x.columns());
    Tensor rstd = tape.saved(DType.F32, x.columns());
    Tensor weight = norm.weight().master();
    neural.batchNorm(
        x.value(),
        valid,
        weight,
        norm.bias().master(),
        norm.eps(),
        norm.momentum(),
        norm.runningMean(),
        norm.runningVariance(),
        y.value(),
        mean,
        rstd);
    tape.record(
        () ->
            x.accumulateWhole(
                dx ->
                    neural.batchNormBackward(
                        y.gradient(),
                        x.value(),
                        valid,
                        weight,
                        mean,
                        rstd,
                        dx,
                        norm.weight().gradientOrNull(),
                        norm.bias().gradientOrNull())),
        y);
    return y;
  }

  /** Batch normalisation with the running statistics; no gradient flows. */
  public static Var batchNormEvaluate(Tape tape, Var x, BatchNormParameters norm) {
    Var y = tape.variable(x.dtype(), x.rows(), x.columns());
    tape.device()
        .neural()
        .batchNormEvaluate(
            x.value(),
            norm.weight().master(),
            norm.bias().master(),
            norm.eps(),
            norm.runningMean(),
            norm.runningVariance(),
            y.value());
    tape.record(
        () -> {
          throw new IllegalStateException("no gradient through running statistics");
        },
        y);
    return y;
  }

  /**
   * A residual sum and its norm.
   *
   * @param sum x + branch
   * @param normed its norm
   */
  public record Residual(Var sum, Var normed) {}

  /**
   * The parameters and state of a batch normalisation over C columns.
   *
   * @param weight [C]
   * @param bias [C]
   * @param runningMean [C] F32
   * @param runningVariance [C] F32
   * @param eps added to variances
   * @param momentum share of new statistics
   */
  public record BatchNormParameters(
      Parameter weight,
      Parameter bias,
      Tensor runningMean,
      Tensor runningVariance,
      float eps,
      float momentum) {}
}
