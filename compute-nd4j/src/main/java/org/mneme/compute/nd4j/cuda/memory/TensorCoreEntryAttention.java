// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/** Attention over the entries of a position on tensor cores: a warp takes a position. */
final class TensorCoreEntryAttention {
  private static final String PROGRAM = "entries_mma";
  private static final int THREADS = 256;

  /** Columns of which the program takes whole blocks. */
  private static final int BLOCK = 32;

  /** Entries and heads of a tile, and the most tiles of each that a warp can hold. */
  private static final int TILE_SLOTS = 8;

  private static final int TILE_HEADS = 16;
  private static final int MAX_TILES = 2;
  private static final int ALIGNMENT = 16;

  private final CudaRuntime cuda;

  TensorCoreEntryAttention(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /** Whether the forward can take these tensors, and the backward of as many heads. */
  boolean fits(Tensor queries, Tensor weights, Tensor... rows) {
    boolean aligned = cuda.address(queries) % ALIGNMENT == 0;
    for (Tensor tensor : rows) {
      aligned &= cuda.address(tensor) % ALIGNMENT == 0;
    }
    return aligned
        && queries.dtype() == DType.BF16
        && queries.shape().columns() % BLOCK == 0
        && slotTiles(weights) <= MAX_TILES
        && headTiles(queries) <= MAX_TILES;
  }

  private static int slotTiles(Tensor weights) {
    return Grids.extent((weights.shape().columns() + TILE_SLOTS - 1) / TILE_SLOTS);
  }

  private static int headTiles(Tensor queries) {
    return Grids.extent((queries.shape().extent(1) + TILE_HEADS - 1) / TILE_HEADS);
  }

  void forward(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    cuda.kernel(PROGRAM, "entry_attention_" + slotTiles(weights), queries.dtype())
        .grid(Grids.ofWarps(queries.shape().extent(0), THREADS))
        .block(THREADS)
        .tensor(queries)
        .tensor(reads)
        .tensor(weights)
        .f32(scale)
        .i64(queries.shape().extent(0))
        .i32(Grids.extent(queries.shape().extent(1)))
        .i32(Grids.extent(weights.shape().columns()))
        .i32(Grids.extent(queries.shape().columns()))
        .tensor(out)
        .tensor(probabilities)
        .run();
  }

  void backward(
      Tensor dOut,
      Tensor queries,
      Tensor reads,
      Tensor weights,
      float scale,
      Tensor probabilities,
      Tensor dQueries,
      Tensor dReads,
      Tensor dLogWeights) {
    String tiles = headTiles(queries) + "_" + slotTiles(weights);
    cuda.kernel(PROGRAM, "entry_attention_backward_" + tiles, queries.dtype())
        .grid(Grids.ofWarps(queries.shape().extent(0), THREADS))
        .block(THREADS)
        .tensor(dOut)
        .tensor(queries)
        .tensor(reads)
        .tensor(weights)
        .f32(scale)
        .tensor(probabilities)
        .i64(queries.shape().extent(0))
        .i32(Grids.extent(queries.shape().extent(1)))
        .i32(Grids.extent(weights.shape().columns()))
        .i32(Grids.extent(queries.shape().columns()))
        .tensor(dQueries)
        .tensor(dReads)
        .tensor(dLogWeights)
        .run();
  }
}
