// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.Tensor;

/**
 * A row for each selection, wherever it lies: that of selection s begins at element offset + (s /
 * slots)·outerStride + (s mod slots)·innerStride, and counts weights[s] times.
 *
 * @param tensor floating
 * @param weights one F32 for each selection; null if each counts once
 */
record SelectedRows(
    Tensor tensor, long offset, int slots, long outerStride, long innerStride, Tensor weights) {

  /** Row s / repeat of a matrix [R, W], with or without weights. */
  static SelectedRows repeated(Tensor matrix, int repeat, Tensor weights) {
    return new SelectedRows(matrix, 0, repeat, matrix.shape().columns(), 0, weights);
  }

  /** The largest pack, at most {@code pack}, with which every row is as aligned as the tensor. */
  int aligned(int pack) {
    long elements = offset | outerStride | innerStride;
    return elements % pack == 0 ? pack : elements % 4 == 0 ? Math.min(pack, 4) : 1;
  }
}
