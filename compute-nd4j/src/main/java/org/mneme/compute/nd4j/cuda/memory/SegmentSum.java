// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;
import org.mneme.compute.nd4j.cuda.launch.Packs;

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
    add(rows, order, keys, null, factor, table);
  }

  /**
   * Like {@link #add(SelectedRows, Tensor, Tensor, float, Tensor)}, of the first selections only.
   *
   * @param actual how many, at most n; null for all
   */
  void add(
      SelectedRows rows,
      Tensor order,
      Tensor keys,
      DeviceCount actual,
      float factor,
      Tensor table) {
    if (table.elementCount() > 0 && keys.elementCount() > 0) {
      add(rows, new Positions(order, keys, actual, 0), factor, table);
    }
  }

  /**
   * What is summed in which order.
   *
   * @param level how often partial rows were made before
   */
  private record Positions(Tensor order, Tensor keys, DeviceCount actual, int level) {
    int count() {
      return Grids.extent(keys.elementCount());
    }

    long chunks() {
      return (count() + CHUNK - 1L) / CHUNK;
    }
  }

  private void add(SelectedRows rows, Positions positions, float factor, Tensor table) {
    long chunks = positions.chunks();
    if (chunks == 1) {
      sum(rows, positions, factor, table, null, null, null);
      return;
    }
    try (Tensor partials = cuda.scratch(DType.F32, 2 * chunks, table.shape().columns());
        Tensor keys = cuda.scratch(DType.I32, 2 * chunks);
        Tensor order = cuda.scratch(DType.I32, 2 * chunks)) {
      sum(rows, positions, factor, table, partials, keys, order);
      add(
          SelectedRows.repeated(partials, 1, null),
          new Positions(order, keys, positions.actual, positions.level + 1),
          1f,
          table);
    }
  }

  private void sum(
      SelectedRows rows,
      Positions positions,
      float factor,
      Tensor table,
      Tensor partials,
      Tensor partialKeys,
      Tensor partialOrder) {
    int width = Grids.extent(table.shape().columns());
    // Partials lie at the begin of their own storage: as aligned as a table can be.
    int pack = rows.aligned(Packs.perWarp(cuda, width, rows.tensor(), table));
    long tile = (long) WARP * pack;
    Launch launch =
        cuda.kernel("segments", "segment_sum_" + pack, rows.tensor().dtype())
            .grid(Grids.ofWarps(positions.chunks(), THREADS), (width + tile - 1) / tile, 1)
            .block(THREADS)
            .tensor(rows.tensor(), rows.offset())
            .i32(rows.slots())
            .i64(rows.outerStride())
            .i64(rows.innerStride())
            .tensor(rows.weights())
            .tensor(positions.keys)
            .tensor(positions.order)
            .f32(factor)
            .i32(positions.count());
    DeviceCount.argument(launch, positions.actual)
        .i32(positions.level)
        .i32(width)
        .tensor(table)
        .tensor(partials)
        .tensor(partialKeys)
        .tensor(partialOrder)
        .run();
  }
}
