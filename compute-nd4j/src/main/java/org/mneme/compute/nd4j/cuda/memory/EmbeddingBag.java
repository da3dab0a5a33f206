// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Weighted sums of rows of a table, which are read where they lie. */
final class EmbeddingBag {
  private static final int THREADS = 256;

  /** Slots that a warp of the weights' gradient takes, as in the program. */
  private static final int BATCH = 8;

  private final CudaRuntime cuda;
  private final KeySort sort;
  private final SegmentSum segments;

  EmbeddingBag(CudaRuntime cuda, KeySort sort, SegmentSum segments) {
    this.cuda = cuda;
    this.sort = sort;
    this.segments = segments;
  }

  void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    if (out.elementCount() == 0) {
      return;
    }
    int width = columns(out);
    int pack = Packs.largest(cuda, width, table, out);
    int shift = Packs.shift(width / pack);
    kernel("embedding_bag_", pack, table, out)
        .grid(Grids.groups(out.shape().rows() << shift, THREADS))
        .block(THREADS)
        .tensor(table)
        .tensor(indices)
        .tensor(weights)
        .i64(out.shape().rows())
        .i32(columns(weights))
        .i32(width)
        .i32(shift)
        .tensor(out)
        .run();
  }

  private Launch kernel(String name, int pack, Tensor table, Tensor sums) {
    boolean mixed = table.dtype() != sums.dtype();
    return cuda.kernel("embedding_bag", name + pack + (mixed ? "_f32" : ""), sums.dtype());
  }

  void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    if (weights.elementCount() == 0) {
      return;
    }
    int slots = columns(weights);
    int width = columns(dOut);
    int pack = Packs.perWarp(cuda, width, table, dOut);
    long batches = (slots + BATCH - 1L) / BATCH;
    kernel("bag_weight_gradient_", pack, table, dOut)
        .grid(Grids.ofWarps(dOut.shape().rows() * batches, THREADS))
        .block(THREADS)
        .tensor(dOut)
        .tensor(table)
        .tensor(indices)
        .tensor(weights)
        .i64(dOut.shape().rows())
        .i32(slots)
        .i32(width)
        .tensor(dLogWeights)
        .run();
    if (dTable != null) {
      addTableGradient(dOut, indices, weights, dTable);
    }
  }

  private void addTableGradient(Tensor dOut, Tensor indices, Tensor weights, Tensor dTable) {
    long count = indices.elementCount();
    try (Tensor order = cuda.scratch(DType.I32, count);
        Tensor keys = cuda.scratch(DType.I32, count)) {
      sort.sort(indices, dTable.shape().rows(), order, keys);
      SelectedRows rows = SelectedRows.repeated(dOut, columns(weights), weights);
      segments.add(rows, order, keys, 1f, dTable);
    }
  }

  private static int columns(Tensor tensor) {
    return Grids.extent(tensor.shape().columns());
  }
}
