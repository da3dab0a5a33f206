// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/** Groups selections by entry, counts them, and scales the features of groups. */
final class GroupKernels {
  private static final String PROGRAM = "groups";

  /** Of the program. */
  private static final int THREADS = 256;

  private static final int WARPS = THREADS / 32;
  private static final int TILE = THREADS * 8;

  private final CudaRuntime cuda;
  private final KeySort sort;

  GroupKernels(CudaRuntime cuda) {
    this.cuda = cuda;
    this.sort = new KeySort(cuda);
  }

  int group(Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    int count = Grids.extent(indices.elementCount());
    if (count == 0) {
      cuda.zero(starts);
      return 0;
    }
    long tiles = (count + TILE - 1L) / TILE;
    try (Tensor keys = cuda.scratch(DType.I32, count);
        Tensor positions = cuda.scratch(DType.I32, count);
        Tensor groups = cuda.scratch(DType.I32, tiles + 1)) {
      // With room for one key more, the digits of -1 are above those of all others: it sorts last.
      sort.sort(indices, rows + 1, positions, keys);
      cuda.kernel(PROGRAM, "group_count_i32")
          .grid(tiles)
          .block(THREADS)
          .tensor(keys)
          .i32(count)
          .i64(firstRow)
          .tensor(groups)
          .run();
      sort.exclusiveScan(groups, groups);
      cuda.kernel(PROGRAM, "group_write_i32")
          .grid(tiles)
          .block(THREADS)
          .tensor(keys)
          .tensor(positions)
          .i32(count)
          .i64(firstRow)
          .tensor(groups)
          .tensor(order)
          .tensor(entries)
          .tensor(starts)
          .run();
      return cuda.readInt(groups.rows(tiles, tiles + 1));
    }
  }

  void mask(Tensor indices, Tensor valid, Tensor out) {
    long count = indices.elementCount();
    if (count == 0) {
      return;
    }
    cuda.kernel(PROGRAM, "mask_selections_i32")
        .grid(Grids.groups(count, THREADS))
        .block(THREADS)
        .tensor(indices)
        .tensor(valid)
        .i64(count)
        .i64(count / valid.elementCount())
        .tensor(out)
        .run();
  }

  void count(Tensor indices, Tensor counts) {
    long count = indices.elementCount();
    if (count == 0) {
      return;
    }
    cuda.kernel(PROGRAM, "count_indices_i32")
        .grid(Grids.groups(count, THREADS))
        .block(THREADS)
        .tensor(indices)
        .i64(count)
        .tensor(counts)
        .run();
  }

  void scaleToMeanNorm(Tensor reference, Tensor x) {
    long rows = x.shape().rows();
    if (rows == 0) {
      return;
    }
    long references = reference.shape().rows();
    int width = Grids.extent(x.shape().columns());
    int blocks = (int) Math.max(1, Math.min(references / WARPS, 4L * cuda.multiprocessors()));
    try (Tensor partials = cuda.scratch(DType.F32, blocks)) {
      cuda.kernel(PROGRAM, "norm_sums", reference.dtype())
          .grid(blocks)
          .block(THREADS)
          .tensor(reference)
          .i64(references)
          .i32(width)
          .tensor(partials)
          .run();
      cuda.kernel(PROGRAM, "scale_to_norm_f32")
          .grid(Grids.groups(rows, WARPS))
          .block(THREADS)
          .tensor(partials)
          .i32(blocks)
          .i64(references)
          .i64(rows)
          .i32(width)
          .tensor(x)
          .run();
    }
  }
}
