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
   * table[keys[i]] += factor·rows[order[i] / repeat], for i in ascending order.
   *
   * @param rows [R, W], floating
   * @param order [n] I32, as {@link KeySort} writes it
   * @param repeat how many of the n positions each row stands for, one after the other
   * @param keys [n] I32, sorted
   * @param factor of the sums
   * @param table [M, W] F32
   */
  void add(Tensor rows, Tensor order, int repeat, Tensor keys, float factor, Tensor table) {
    if (table.elementCount() == 0 || keys.elementCount() == 0) {
      return;
    }
    long chunks = (keys.elementCount() + CHUNK - 1) / CHUNK;
    if (chunks == 1) {
      sum(rows, order, repeat, keys, factor, table, null, null, null);
      return;
    }
    try (Tensor partials = cuda.scratch(DType.F32, 2 * chunks, table.shape().columns());
        Tensor partialKeys = cuda.scratch(DType.I32, 2 * chunks);
        Tensor partialOrder = cuda.scratch(DType.I32, 2 * chunks)) {
      sum(rows, order, repeat, keys, factor, table, partials, partialKeys, partialOrder);
      add(partials, partialOrder, 1, partialKeys, 1f, table);
    }
  }

  private void sum(
      Tensor rows,
      Tensor order,
      int repeat,
      Tensor keys,
      float factor,
      Tensor table,
      Tensor partials,
      Tensor partialKeys,
      Tensor partialOrder) {
    int count = Math.toIntExact(keys.elementCount());
    int width = Math.toIntExact(table.shape().columns());
    // Partials lie at the begin of their own storage: as aligned as a table can be.
    int pack = Packs.perWarp(cuda, width, rows, table);
    long chunks = (count + CHUNK - 1L) / CHUNK;
    long tile = (long) WARP * pack;
    cuda.kernel("segments", "segment_sum_" + pack, rows.dtype())
        .grid(Packs.blocks(chunks, THREADS), (width + tile - 1) / tile, 1)
        .block(THREADS)
        .tensor(rows)
        .tensor(keys)
        .tensor(order)
        .i32(repeat)
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
