// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.NeuralKernels;

/** Checks the arguments of neural operations and times them. */
final class CheckedNeuralKernels implements NeuralKernels {
  /** The target of rows that do not count. */
  private static final int MASKED = -100;

  private final NeuralKernels kernels;
  private final ArgumentCheck check;
  private final IndexChecks indexChecks;
  private final OperationRunner operations;

  CheckedNeuralKernels(
      NeuralKernels kernels, ArgumentCheck check, IndexChecks indices, OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.indexChecks = indices;
    this.operations = operations;
  }

  /** Like {@code other}: the same dtype and, read as matrices, the same extents. */
  private void like(String name, Tensor tensor, Tensor other) {
    Shape wanted = other.shape();
    check.matrix(name, tensor, other.dtype(), wanted.rows(), wanted.columns());
  }

  private void mode(Accumulation mode) {
    if (mode == null) {
      throw check.illegal("mode", "is null", "REPLACE or ADD");
    }
  }

  private void eps(float eps) {
    check.that(eps >= 0, "eps", eps, ">= 0");
  }

  private void weight(Tensor weight, long columns) {
    if (weight != null) {
      check.vector("weight", weight, F32, columns);
    }
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, Tensor rstd) {
    check.of("rms_norm").floating("x", x);
    weight(weight, x.shape().columns());
    eps(eps);
    like("y", y, x);
    check.vector("rstd", rstd, F32, x.shape().rows()).disjoint("y", y, "x", x);
    operations.run("rms_norm", () -> kernels.rmsNorm(x, weight, eps, y, rstd));
  }

  @Override
  public void addRmsNorm(
      Tensor x, Tensor branch, Tensor weight, float eps, Tensor sum, Tensor y, Tensor rstd) {
    check.of("add_rms_norm").floating("x", x);
    like("branch", branch, x);
    weight(weight, x.shape().columns());
    eps(eps);
    like("sum", sum, x);
    like("y", y, x);
    check
        .vector("rstd", rstd, F32, x.shape().rows())
        .inPlace("sum", sum, "x", x)
        .inPlace("sum", sum, "branch", branch)
        .disjoint("y", y, "x", x)
        .disjoint("y", y, "branch", branch)
        .disjoint("y", y, "sum", sum);
    operations.run("add_rms_norm", () -> kernels.addRmsNorm(x, branch, weight, eps, sum, y, rstd));
  }

  @Override
  public void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Accumulation mode,
      Tensor dx,
      Tensor dWeight) {
    check.of("rms_norm_backward").floating("dy", dy);
    long columns = dy.shape().columns();
    like("x", x, dy);
    weight(weight, columns);
    check.vector("rstd", rstd, F32, dy.shape().rows());
    mode(mode);
    like("dx", dx, dy);
    check.disjoint("dx", dx, "dy", dy).disjoint("dx", dx, "x", x);
    if (dWeight != null) {
      if (weight == null) {
        throw check.illegal("dWeight", "is given", "null, since 'weight' is null");
      }
      check.vector("dWeight", dWeight, F32, columns).disjoint("dWeight", dWeight, "weight", weight);
    }
    operations.run(
        "rms_norm_backward", () -> kernels.rmsNormBackward(dy, x, weight, rstd, mode, dx, dWeight));
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    check.of("add").floating("a", a);
    like("b", b, a);
    like("out", out, a);
    check.inPlace("out", out, "a", a).inPlace("out", out, "b", b);
    operations.run("add", () -> kernels.add(a, b, out));
  }

  @Override
  public void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse) {
    check.of("rotary").floating("x", x).dtype("table", table, F32);
    long headDim = table.shape().columns();
    long positions = table.shape().rows();
    check
        .shapeThat(headDim % 2 == 0, "table", table, "[positions, an even headDim]")
        .that(sequence >= 1, "sequence", sequence, ">= 1")
        .shapeThat(x.shape().rows() % sequence == 0, "x", x, "rows in multiples of the sequence")
        .that(rotatedHeads >= 1, "rotatedHeads", rotatedHeads, ">= 1")
        .shapeThat(
            x.shape().columns() >= rotatedHeads * headDim,
            "x",
            x,
            "at least rotatedHeads * headDim columns")
        .that(firstPosition >= 0, "firstPosition", firstPosition, ">= 0")
        .shapeThat(
            (long) firstPosition + sequence <= positions,
            "table",
            table,
            "at least firstPosition + sequence rows")
        .disjoint("x", x, "table", table);
    operations.run(
        "rotary", () -> kernels.rotary(x, table, sequence, rotatedHeads, firstPosition, inverse));
  }

  private void extents(AttentionShape shape) {
    if (shape == null) {
      throw check.illegal("shape", "is null", "the extents of the attention");
    }
  }

  private void packed(String name, Tensor tensor, DType dtype, AttentionShape shape) {
    check.matrix(name, tensor, dtype, shape.positions(), shape.packedColumns());
  }

  private void heads(String name, Tensor tensor, DType dtype, AttentionShape shape) {
    check.matrix(name, tensor, dtype, shape.positions(), shape.outputColumns());
  }

  private void logSumExp(Tensor logSumExp, AttentionShape shape) {
    check.cube("logSumExp", logSumExp, F32, shape.batch(), shape.heads(), shape.sequence());
  }

  @Override
  public void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    check.of("attention").floating("qkv", qkv);
    extents(shape);
    packed("qkv", qkv, qkv.dtype(), shape);
    heads("out", out, qkv.dtype(), shape);
    logSumExp(logSumExp, shape);
    check.disjoint("out", out, "qkv", qkv);
    operations.run("attention", () -> kernels.attention(qkv, shape, out, logSumExp));
  }

  @Override
  public void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    check.of("attention_backward").floating("dOut", dOut);
    extents(shape);
    heads("dOut", dOut, dOut.dtype(), shape);
    packed("qkv", qkv, dOut.dtype(), shape);
    heads("out", out, dOut.dtype(), shape);
    logSumExp(logSumExp, shape);
    packed("dQkv", dQkv, dOut.dtype(), shape);
    check
        .disjoint("dQkv", dQkv, "dOut", dOut)
        .disjoint("dQkv", dQkv, "qkv", qkv)
        .disjoint("dQkv", dQkv, "out", out);
    operations.run(
        "attention_backward",
        () -> kernels.attentionBackward(dOut, qkv, out, logSumExp, shape, dQkv));
  }

  @Override
  public void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    check.of("attention_decode").floating("qkv", qkv);
    extents(shape);
    packed("qkv", qkv, qkv.dtype(), shape);
    check.that(firstPosition >= 0, "firstPosition", firstPosition, ">= 0");
    long end = (long) firstPosition + shape.sequence();
    cache("keyCache", keyCache, qkv.dtype(), shape, end);
    cache("valueCache", valueCache, qkv.dtype(), shape, end);
    check.sameShape("valueCache", valueCache, keyCache);
    heads("out", out, qkv.dtype(), shape);
    check.disjoint("out", out, "qkv", qkv).disjoint("valueCache", valueCache, "keyCache", keyCache);
    operations.run(
        "attention_decode",
        () -> kernels.attentionDecode(qkv, shape, keyCache, valueCache, firstPosition, out));
  }

  private void cache(String name, Tensor cache, DType dtype, AttentionShape shape, long end) {
    check.dtype(name, cache, dtype).rank(name, cache, 3, "[batch, capacity, keyValueColumns]");
    Shape found = cache.shape();
    check
        .shapeThat(
            found.extent(0) == shape.batch() && found.extent(2) == shape.keyValueColumns(),
            name,
            cache,
            "[batch, capacity, keyValueColumns]")
        .shapeThat(
            found.extent(1) >= end, name, cache, "a capacity of firstPosition + sequence or more");
  }

  @Override
  public void swiGlu(Tensor gateUp, Tensor out) {
    check.of("swi_glu").floating("gateUp", gateUp).floating("out", out);
    Shape wanted = out.shape();
    check
        .matrix("gateUp", gateUp, out.dtype(), wanted.rows(), 2 * wanted.columns())
        .disjoint("out", out, "gateUp", gateUp);
    operations.run("swi_glu", () -> kernels.swiGlu(gateUp, out));
  }

  @Override
  public void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp) {
    check.of("swi_glu_backward").floating("dOut", dOut);
    Shape wanted = dOut.shape();
    check.matrix("gateUp", gateUp, dOut.dtype(), wanted.rows(), 2 * wanted.columns());
    like("dGateUp", dGateUp, gateUp);
    check.inPlace("dGateUp", dGateUp, "gateUp", gateUp).disjoint("dGateUp", dGateUp, "dOut", dOut);
    operations.run("swi_glu_backward", () -> kernels.swiGluBackward(dOut, gateUp, dGateUp));
  }

  @Override
  public void siluGate(Tensor gate, Tensor value, Tensor out) {
    check.of("silu_gate").floating("gate", gate);
    like("value", value, gate);
    like("out", out, gate);
    check.inPlace("out", out, "value", value).disjoint("out", out, "gate", gate);
    operations.run("silu_gate", () -> kernels.siluGate(gate, value, out));
  }

  @Override
  public void siluGateBackward(
      Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue) {
    check.of("silu_gate_backward").floating("dOut", dOut);
    like("gate", gate, dOut);
    like("value", value, dOut);
    like("dGate", dGate, dOut);
    like("dValue", dValue, dOut);
    check
        .inPlace("dGate", dGate, "gate", gate)
        .inPlace("dValue", dValue, "value", value)
        .disjoint("dGate", dGate, "dOut", dOut)
        .disjoint("dGate", dGate, "value", value)
        .disjoint("dValue", dValue, "dOut", dOut)
        .disjoint("dValue", dValue, "gate", gate)
        .disjoint("dValue", dValue, "dGate", dGate);
    operations.run(
        "silu_gate_backward", () -> kernels.siluGateBackward(dOut, gate, value, dGate, dValue));
  }

  @Override
  public void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    check.of("softmax_cross_entropy").floating("logits", logits);
    long rows = logits.shape().rows();
    check
        .vector("targets", targets, I32, rows)
        .vector("rowScale", rowScale, F32, rows)
        .vector("losses", losses, F32, rows)
        .disjoint("losses", losses, "logits", logits)
        .disjoint("losses", losses, "rowScale", rowScale);
    operations.run(
        "softmax_cross_entropy",
        () -> {
          indexChecks.targets("softmax_cross_entropy", targets, logits.shape().columns(), MASKED);
          kernels.softmaxCrossEntropy(logits, targets, rowScale, losses);
        });
  }

  @Override
  public void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    check.of("cross_entropy").floating("logits", logits);
    long rows = logits.shape().rows();
    check
        .vector("targets", targets, I32, rows)
        .vector("losses", losses, F32, rows)
        .disjoint("losses", losses, "logits", logits);
    operations.run(
        "cross_entropy",
        () -> {
          indexChecks.targets("cross_entropy", targets, logits.shape().columns(), MASKED);
          kernels.crossEntropy(logits, targets, losses);
        });
  }

  private void columnVector(String name, Tensor tensor, Tensor x) {
    check.vector(name, tensor, F32, x.shape().columns());
  }

  private void valid(Tensor valid, Tensor x) {
    if (valid != null) {
      check.vector("valid", valid, I32, x.shape().rows());
    }
  }

  @Override
  public void batchNorm(
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor bias,
      float eps,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    check.of("batch_norm").floating("x", x);
    check.shapeThat(x.shape().rows() >= 2, "x", x, "at least 2 rows");
    valid(valid, x);
    columnVector("weight", weight, x);
    columnVector("bias", bias, x);
    eps(eps);
    check
        .that(momentum >= 0 && momentum <= 1, "momentum", momentum, "0 to 1")
        .together("runningMean", runningMean, "runningVariance", runningVariance);
    if (runningMean != null) {
      columnVector("runningMean", runningMean, x);
      columnVector("runningVariance", runningVariance, x);
      check.disjoint("runningVariance", runningVariance, "runningMean", runningMean);
    }
    like("y", y, x);
    columnVector("mean", mean, x);
    columnVector("rstd", rstd, x);
    check.disjoint("y", y, "x", x).disjoint("rstd", rstd, "mean", mean);
    operations.run(
        "batch_norm",
        () ->
            kernels.batchNorm(
                x,
                valid,
                weight,
                bias,
                eps,
                momentum,
                runningMean,
                runningVariance,
                y,
                mean,
                rstd));
  }

  @Override
  public void batchNormEvaluate(
      Tensor x,
      Tensor weight,
      Tensor bias,
      float eps,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    check.of("batch_norm_evaluate").floating("x", x);
    columnVector("weight", weight, x);
    columnVector("bias", bias, x);
    eps(eps);
    columnVector("runningMean", runningMean, x);
    columnVector("runningVariance", runningVariance, x);
    like("y", y, x);
    check.disjoint("y", y, "x", x);
    operations.run(
        "batch_norm_evaluate",
        () -> kernels.batchNormEvaluate(x, weight, bias, eps, runningMean, runningVariance, y));
  }

  @Override
  public void batchNormBackward(
      Tensor dy,
      Tensor x,
      Tensor valid,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias) {
    check.of("batch_norm_backward").floating("dy", dy);
    like("x", x, dy);
    check.shapeThat(x.shape().rows() >= 2, "x", x, "at least 2 rows");
    valid(valid, x);
    columnVector("weight", weight, x);
    columnVector("mean", mean, x);
    columnVector("rstd", rstd, x);
    like("dx", dx, dy);
    columnVector("dWeight", dWeight, x);
    columnVector("dBias", dBias, x);
    check
        .disjoint("dx", dx, "dy", dy)
        .disjoint("dx", dx, "x", x)
        .disjoint("dWeight", dWeight, "weight", weight)
        .disjoint("dBias", dBias, "dWeight", dWeight);
    operations.run(
        "batch_norm_backward",
        () -> kernels.batchNormBackward(dy, x, valid, weight, mean, rstd, dx, dWeight, dBias));
  }

  @Override
  public void sum(Tensor x, float factor, Accumulation mode, Tensor out) {
    check.of("sum").floating("x", x).scalar("out", out).disjoint("out", out, "x", x);
    mode(mode);
    operations.run("sum", () -> kernels.sum(x, factor, mode, out));
  }
}
