// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.driver.CudaRuntime;

/**
 * Adds rows to the rows of a table, in the order of their sorted keys: by chunks, then the rows of
 * keys that chunks share by chunks again, until one chunk is left.
 */
final class SegmentSum {
  /** As in the program. */
  private static final int CHUNK = 64;

  private static final int WARP = 32;
  private static final int THREADS = 256;

  private final CudaRuntime cuda;

  SegmentSum(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /**
   * table[keys[i]] += factor·row of selection order[i], for i in ascending order.
   *
   * @param rows of the selections, each as wide as the table
   * @param order [n] I32, as {@link KeySort} writes it
   * @param keys [n] I32, sorted
   * @param factor of the sums
   * @param table [M, W] F32
   */
  void add(SelectedRows rows, Tensor order, Tensor keys, float factor, Tensor table) {
    if (table.elementCount() == 0 || keys.elementCount() == 0) {
      return;
    }
    long chunks = (keys.elementCount() + CHUNK - 1) / CHUNK;
    if (chunks == 1) {
      sum(rows, order, keys, factor, table, null, null, null);
      return;
    }
    try (Tensor partials = cuda.scratch(DType.F32, 2 * chunks, table.shape().columns());
        Tensor partialKeys = cuda.scratch(DType.I32, 2 * chunks);
        Tensor partialOrder = cuda.scratch(DType.I32, 2 * chunks)) {
      sum(rows, order, keys, factor, table, partials, partialKeys, partialOrder);
      add(SelectedRows.repeated(partials, 1, null), partialOrder, partialKeys, 1f, table);
    }
  }

  private void sum(
      SelectedRows rows,
      Tensor order,
      Tensor keys,
      float factor,
      Tensor table,
      Tensor partials,
      Tensor partialKeys,
      Tensor partialOrder) {
    int count = Math.toIntExact(keys.elementCount());
    int width = Math.toIntExact(table.shape().columns());
    // Partials lie at the begin of their own storage: as aligned as a table can be.
    int pack = rows.aligned(Packs.perWarp(cuda, width, rows.tensor(), table));
    long chunks = (count + CHUNK - 1L) / CHUNK;
    long tile = (long) WARP * pack;
    cuda.kernel("segments", "segment_sum_" + pack, rows.tensor().dtype())
        .grid(Packs.blocks(chunks, THREADS), (width + tile - 1) / tile, 1)
        .block(THREADS)
        .tensor(rows.tensor(), rows.offset())
        .i32(rows.slots())
        .i64(rows.outerStride())
        .i64(rows.innerStride())
        .tensor(rows.weights())
        .tensor(keys)
        .tensor(order)
        .f32(factor)
        .i32(count)
        .i32(width)
        .tensor(table)
        .tensor(partials)
        .tensor(partialKeys)
        .tensor(partialOrder)
        .run();
  }
}
