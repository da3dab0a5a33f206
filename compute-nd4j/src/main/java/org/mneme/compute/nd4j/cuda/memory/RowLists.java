// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.ListedRows;

/** Lists of the rows of a table that a step has used, whose length only the device knows. */
final class RowLists {
  private static final String PROGRAM = "row_lists";

  /** As in the program. */
  private static final int THREADS = 256;

  private static final int TILE = THREADS * 8;

  /** Blocks for each multiprocessor, enough to fill it. */
  private static final int BLOCKS = 16;

  private final CudaRuntime cuda;
  private final KeySort scans;

  RowLists(CudaRuntime cuda, KeySort scans) {
    this.cuda = cuda;
    this.scans = scans;
  }

  void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    int count = Grids.extent(counts.elementCount());
    long tiles = (count + TILE - 1L) / TILE;
    if (tiles == 0) {
      cuda.zero(rowCount);
      return;
    }
    try (Tensor listed = cuda.scratch(DType.I32, tiles + 1)) {
      cuda.kernel(PROGRAM, "listed_rows_i32")
          .grid(tiles)
          .block(THREADS)
          .tensor(counts)
          .i32(count)
          .tensor(listed)
          .run();
      scans.exclusiveScan(listed, listed);
      cuda.kernel(PROGRAM, "list_rows_i32")
          .grid(tiles)
          .block(THREADS)
          .tensor(counts)
          .i32(count)
          .tensor(listed)
          .tensor(rows)
          .tensor(rowCount)
          .run();
    }
  }

  void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    if (table.elementCount() == 0 || rows.elementCount() == 0) {
      return;
    }
    ListedRows listed = ListedRows.of(cuda, table);
    cuda.kernel(PROGRAM, "zero_rows_" + listed.suffix())
        .grid(listed.blocks(cuda, rows, THREADS, BLOCKS))
        .block(THREADS)
        .tensor(rows)
        .tensor(rowCount)
        .i32(listed.packs())
        .i32(listed.shift())
        .tensor(table)
        .run();
  }
}
