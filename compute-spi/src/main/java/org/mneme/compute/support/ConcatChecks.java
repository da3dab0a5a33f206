// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;

/** Checks of the operations that put what is read from the memory behind the layer's input. */
final class ConcatChecks {
  private final ArgumentCheck check;

  ConcatChecks(ArgumentCheck check) {
    this.check = check;
  }

  private static long width(Tensor tensor) {
    return tensor.shape().columns();
  }

  private static long height(Tensor tensor) {
    return tensor.shape().rows();
  }

  void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    check.of("concat_weighted").floating("q", q).dtype("weights", weights, F32);
    long positions = height(q);
    long slots = width(weights);
    check
        .matrix("weights", weights, F32, positions, slots)
        .dtype("reads", reads, q.dtype())
        .cube("reads", reads, q.dtype(), positions, slots, width(reads))
        .matrix("z", z, q.dtype(), positions, width(q) + slots * width(reads))
        .disjoint("z", z, "q", q)
        .disjoint("z", z, "reads", reads);
  }

  void concatWeightedBackward(
      Tensor dz,
      Tensor z,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dReads,
      Tensor dLogWeights) {
    check.of("concat_weighted_backward").floating("dz", dz).dtype("weights", weights, F32);
    DType dtype = dz.dtype();
    long positions = height(dz);
    long slots = width(weights);
    check
        .matrix("z", z, dtype, positions, width(dz))
        .matrix("weights", weights, F32, positions, slots)
        .dtype("dq", dq, dtype)
        .matrix("dq", dq, dtype, positions, width(dq))
        .dtype("dReads", dReads, dtype)
        .cube("dReads", dReads, dtype, positions, slots, width(dReads))
        .matrix("dz", dz, dtype, positions, width(dq) + slots * width(dReads))
        .matrix("dLogWeights", dLogWeights, F32, positions, slots)
        .disjoint("dq", dq, "dz", dz)
        .disjoint("dq", dq, "z", z)
        .disjoint("dReads", dReads, "dz", dz)
        .disjoint("dReads", dReads, "z", z)
        .disjoint("dReads", dReads, "dq", dq)
        .disjoint("dLogWeights", dLogWeights, "weights", weights);
    mode(mode);
  }

  private void mode(Accumulation mode) {
    if (mode == null) {
      throw check.illegal("mode", "is null", "REPLACE or ADD");
    }
  }

  /** What is read from {@code source}, and where to. */
  private void forward(
      Tensor q, String name, Tensor source, Tensor indices, Tensor weights, Tensor z) {
    long positions = height(q);
    long slots = width(weights);
    check
        .matrix("weights", weights, F32, positions, slots)
        .vector("indices", indices, I32, positions * slots)
        .matrix("z", z, q.dtype(), positions, width(q) + slots * width(source))
        .disjoint("z", z, "q", q)
        .disjoint("z", z, name, source);
  }

  void concatTokens(
      Tensor q,
      Tensor embeddings,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor z,
      Tensor order) {
    check
        .of("concat_tokens")
        .floating("q", q)
        .dtype("weights", weights, F32)
        .dtype("embeddings", embeddings, q.dtype())
        .dtype("bank", bank, I32);
    forward(q, "embeddings", embeddings, indices, weights, z);
    check
        .numbered("indices", indices)
        .vector("order", order, I32, indices.elementCount())
        .disjoint("order", order, "indices", indices);
  }

  void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    check.of("concat_rows").floating("q", q).dtype("weights", weights, F32).tensor("table", table);
    check.dtype("table", table, table.dtype() == F32 ? F32 : q.dtype());
    forward(q, "table", table, indices, weights, z);
  }

  private void backward(
      Tensor dz,
      Tensor z,
      Tensor indices,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dLogWeights) {
    DType dtype = dz.dtype();
    long positions = height(dz);
    long slots = width(weights);
    check
        .matrix("z", z, dtype, positions, width(dz))
        .matrix("weights", weights, F32, positions, slots)
        .vector("indices", indices, I32, positions * slots)
        .dtype("dq", dq, dtype)
        .matrix("dq", dq, dtype, positions, width(dq))
        .shapeThat(
            slots > 0 && (width(dz) - width(dq)) % slots == 0,
            "dq",
            dq,
            "[" + positions + ", columns of z that are not those of " + slots + " reads]")
        .matrix("dLogWeights", dLogWeights, F32, positions, slots)
        .disjoint("dq", dq, "dz", dz)
        .disjoint("dq", dq, "z", z)
        .disjoint("dLogWeights", dLogWeights, "weights", weights);
    mode(mode);
  }

  /** The gradient of what was read from, if it is wanted. */
  private void sourceGradient(String name, Tensor gradient, Tensor dz, Tensor dq, Tensor weights) {
    if (gradient == null) {
      return;
    }
    long width = (width(dz) - width(dq)) / width(weights);
    check
        .dtype(name, gradient, F32)
        .matrix(name, gradient, F32, height(gradient), width)
        .disjoint(name, gradient, "dz", dz);
  }

  void concatTokensBackward(
      Tensor dz,
      Tensor z,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor order,
      Accumulation mode,
      Tensor dq,
      Tensor dEmbeddings,
      Tensor dLogWeights) {
    check
        .of("concat_tokens_backward")
        .floating("dz", dz)
        .dtype("weights", weights, F32)
        .dtype("bank", bank, I32);
    backward(dz, z, indices, weights, mode, dq, dLogWeights);
    check.vector("order", order, I32, indices.elementCount());
    sourceGradient("dEmbeddings", dEmbeddings, dz, dq, weights);
  }

  void concatRowsBackward(
      Tensor dz,
      Tensor z,
      Tensor indices,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dTable,
      Tensor dLogWeights) {
    check.of("concat_rows_backward").floating("dz", dz).dtype("weights", weights, F32);
    backward(dz, z, indices, weights, mode, dq, dLogWeights);
    sourceGradient("dTable", dTable, dz, dq, weights);
  }
}
