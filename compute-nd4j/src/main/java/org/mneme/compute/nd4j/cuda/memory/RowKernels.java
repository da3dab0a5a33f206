// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Gathers and scatters rows of a table. */
final class RowKernels {
  private static final String PROGRAM = "rows";
  private static final int THREADS = 256;

  private final CudaRuntime cuda;
  private final KeySort sort;
  private final SegmentSum segments;

  RowKernels(CudaRuntime cuda, KeySort sort, SegmentSum segments) {
    this.cuda = cuda;
    this.sort = sort;
    this.segments = segments;
  }

  void gatherRows(Tensor table, Tensor indices, Tensor out) {
    if (table.dtype() == out.dtype()) {
      move("gather_rows_", table, indices, out, out);
    } else {
      gatherAsBf16(table, indices, out);
    }
  }

  private void gatherAsBf16(Tensor table, Tensor indices, Tensor out) {
    if (out.elementCount() == 0) {
      return;
    }
    long count = indices.elementCount();
    long width = out.elementCount() / count;
    int pack = Packs.largest(cuda, width, table, out);
    int packs = Grids.extent(width / pack);
    // Two packs a thread: more of them are on their way behind each index.
    int shift = Packs.shift((packs + 1) / 2);
    cuda.kernel(PROGRAM, pack == 1 ? "gather_as_bf16_narrow" : "gather_as_bf16_wide")
        .grid(Grids.groups(count << shift, THREADS))
        .block(THREADS)
        .tensor(table)
        .tensor(indices)
        .i64(count)
        .i32(packs)
        .i32(shift)
        .tensor(out)
        .run();
  }

  void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    move("scatter_rows_", rows, indices, table, rows);
  }

  /** Moves bits, whatever they mean, in the largest words that the rows consist of. */
  private void move(String kernel, Tensor from, Tensor indices, Tensor to, Tensor rows) {
    if (rows.elementCount() == 0) {
      return;
    }
    long count = indices.elementCount();
    long rowBytes = rows.byteCount() / count;
    int wordBytes = wordBytes(cuda.address(from) | cuda.address(to) | rowBytes);
    int words = Grids.extent(rowBytes / wordBytes);
    // Two words a thread: more of them are on their way behind each index.
    int shift = Packs.shift((words + 1) / 2);
    cuda.kernel(PROGRAM, kernel + 8 * wordBytes)
        .grid(Grids.groups(count << shift, THREADS))
        .block(THREADS)
        .tensor(from)
        .tensor(indices)
        .i64(count)
        .i32(words)
        .i32(shift)
        .tensor(to)
        .run();
  }

  private static int wordBytes(long bits) {
    return bits % 16 == 0 ? 16 : bits % 4 == 0 ? 4 : 2;
  }

  void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    if (rows.elementCount() == 0) {
      return;
    }
    long count = indices.elementCount();
    try (Tensor order = cuda.scratch(DType.I32, count);
        Tensor keys = cuda.scratch(DType.I32, count)) {
      sort.sort(indices, table.shape().rows(), order, keys);
      segments.add(SelectedRows.repeated(rows, 1, null), order, keys, 1f, table);
    }
  }

  void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    if (rows.elementCount() == 0) {
      return;
    }
    long count = indices.elementCount();
    long width = rows.elementCount() / count;
    int pack = Packs.largest(cuda, width, rows, table);
    int packs = Grids.extent(width / pack);
    int shift = Packs.shift(packs);
    cuda.kernel(PROGRAM, pack == 1 ? "blend_rows_narrow" : "blend_rows_wide")
        .grid(Grids.groups(count << shift, THREADS))
        .block(THREADS)
        .tensor(rows)
        .tensor(indices)
        .i64(count)
        .i32(packs)
        .i32(shift)
        .f32(keep)
        .tensor(table)
        .run();
  }
}
