// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** Checks of the product-key gate, its gradient and its balance loss. */
final class GateChecks {
  private static final String KEYS = "[heads, 2, n, half width]";

  /** The greatest n of which n² is an int; n² itself may be more than a long holds. */
  private static final long MOST_SUB_KEYS = 46_340;

  private final ArgumentCheck check;

  GateChecks(ArgumentCheck check) {
    this.check = check;
  }

  private void gate(Tensor queries, Tensor keys, Tensor indices, Tensor weights) {
    check
        .floating("queries", queries)
        .dtype("keys", keys, queries.dtype())
        .rank("keys", keys, 4, KEYS);
    Shape shape = keys.shape();
    long heads = shape.extent(0);
    check
        .shapeThat(shape.extent(1) == 2 && heads >= 1, "keys", keys, KEYS)
        .matrix(
            "queries",
            queries,
            queries.dtype(),
            queries.shape().rows(),
            heads * 2 * shape.extent(3))
        .dtype("indices", indices, I32);
    long slots = indices.shape().columns();
    long subKeys = shape.extent(2);
    check
        .shapeThat(subKeys <= MOST_SUB_KEYS, "keys", keys, "n * n entries below 2^31")
        .cube("indices", indices, I32, queries.shape().rows(), heads, slots)
        .shapeThat(
            slots >= 1 && slots <= subKeys, "indices", indices, "1 to n = " + subKeys + " slots")
        .cube("weights", weights, F32, queries.shape().rows(), heads, slots);
  }

  private void valid(Tensor valid, Tensor queries) {
    if (valid != null) {
      check.vector("valid", valid, I32, queries.shape().rows());
    }
  }

  private void halves(String name, Tensor tensor, Tensor keys) {
    check.cube(name, tensor, F32, keys.shape().extent(0), 2, keys.shape().extent(2));
  }

  private void logSumExp(Tensor logSumExp, Tensor queries, Tensor keys) {
    check.cube("logSumExp", logSumExp, F32, queries.shape().rows(), keys.shape().extent(0), 2);
  }

  void productKeyTopK(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor logSumExp,
      Tensor share,
      Tensor meanProbability) {
    check.of("product_key_top_k");
    gate(queries, keys, indices, weights);
    valid(valid, queries);
    check
        .together("logSumExp", logSumExp, "share", share)
        .together("logSumExp", logSumExp, "meanProbability", meanProbability);
    if (logSumExp != null) {
      logSumExp(logSumExp, queries, keys);
      halves("share", share, keys);
      halves("meanProbability", meanProbability, keys);
      check.disjoint("meanProbability", meanProbability, "share", share);
    }
  }

  void productKeyBackward(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor dLogWeights,
      Tensor logSumExp,
      Tensor share,
      Tensor dQueries,
      Tensor dKeys) {
    check.of("product_key_backward");
    gate(queries, keys, indices, weights);
    valid(valid, queries);
    long heads = keys.shape().extent(0);
    long positions = queries.shape().rows();
    check
        .cube("dLogWeights", dLogWeights, F32, positions, heads, indices.shape().columns())
        .together("logSumExp", logSumExp, "share", share);
    if (logSumExp != null) {
      logSumExp(logSumExp, queries, keys);
      halves("share", share, keys);
    }
    DType dtype = queries.dtype();
    check
        .matrix("dQueries", dQueries, dtype, positions, queries.shape().columns())
        .dtype("dKeys", dKeys, F32)
        .sameShape("dKeys", dKeys, keys)
        .disjoint("dQueries", dQueries, "queries", queries)
        .disjoint("dKeys", dKeys, "keys", keys);
  }

  void balanceLoss(Tensor share, Tensor meanProbability, Tensor out) {
    check
        .of("balance_loss")
        .dtype("share", share, F32)
        .rank("share", share, 3, "[heads, 2, n]")
        .shapeThat(share.shape().extent(1) == 2, "share", share, "[heads, 2, n]")
        .dtype("meanProbability", meanProbability, F32)
        .sameShape("meanProbability", meanProbability, share)
        .scalar("out", out)
        .disjoint("out", out, "share", share)
        .disjoint("out", out, "meanProbability", meanProbability);
  }
}
