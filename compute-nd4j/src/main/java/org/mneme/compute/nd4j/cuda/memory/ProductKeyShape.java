// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * The extents of a product-key selection.
 *
 * @param positions N
 * @param heads Hm
 * @param subKeys n, of each half
 * @param halfWidth elements of a sub-key, D/2
 * @param selected S, by each head of each position
 */
record ProductKeyShape(int positions, int heads, int subKeys, int halfWidth, int selected) {
  /** Scores that are kept at a time where they are kept in memory. */
  private static final long SCORE_ELEMENTS = 1L << 24;

  static ProductKeyShape of(Tensor keys, Tensor indices) {
    int heads = Grids.extent(keys.shape().extent(0));
    return new ProductKeyShape(
        Grids.extent(indices.shape().rows() / heads),
        heads,
        Grids.extent(keys.shape().extent(2)),
        Grids.extent(keys.shape().extent(3)),
        Grids.extent(indices.shape().columns()));
  }

  /** Halves of all heads; half 2·h + p is half p of head h. */
  int halves() {
    return Math.multiplyExact(heads, 2);
  }

  /** Selections of a position. */
  long perPosition() {
    return (long) heads * selected;
  }

  /** Scores of a position. */
  int scores() {
    return Math.multiplyExact(halves(), subKeys);
  }

  /** Positions whose scores are kept together: all, or a multiple of 64, which keeps alignment. */
  int chunkRows() {
    long rows = SCORE_ELEMENTS / scores() / 64 * 64;
    return (int) Math.min(positions, Math.max(64, rows));
  }

  /** The argument [positions, halves] from a position on; null stays null. */
  Launch logSumExp(Launch launch, Tensor logSumExp, int first) {
    return logSumExp == null
        ? launch.tensor(null)
        : launch.tensor(logSumExp, (long) first * halves());
  }

  /** Scores [halves, rows, n] from queries and keys. */
  BatchedGemm scores(int rows) {
    return new BatchedGemm(
        halves(), rows, subKeys, halfWidth, queries(false), keys(true), scores(rows, false));
  }

  /** Gradients of queries from those of scores, and keys. */
  BatchedGemm queryGradients(int rows) {
    return new BatchedGemm(
        halves(), rows, halfWidth, subKeys, scores(rows, false), keys(false), queries(false));
  }

  /** Gradients of keys from those of scores, and queries. */
  BatchedGemm keyGradients(int rows) {
    return new BatchedGemm(
        halves(), subKeys, halfWidth, rows, scores(rows, true), queries(false), keys(false));
  }

  private Layout queries(boolean transposed) {
    return new Layout((long) halves() * halfWidth, halfWidth, transposed);
  }

  private Layout keys(boolean transposed) {
    return new Layout(halfWidth, (long) subKeys * halfWidth, transposed);
  }

  private Layout scores(int rows, boolean transposed) {
    return new Layout(subKeys, (long) rows * subKeys, transposed);
  }
}
