// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * Selection by product keys: the best of each half's scores, then the best sums of both.
 *
 * <p>The statistics of the balance loss are counts, which are exact in any order, and sums over
 * slabs of positions, which are added in order.
 */
final class ProductKeySelector {
  private static final String PROGRAM = "product_keys";
  static final String BALANCE = "product_keys_balance";
  private static final int BLOCK = 128;
  private static final int WARPS = BLOCK / 32;

  /** Positions of a slab. */
  private static final int SLAB = 256;

  /** Of a block that counts: threads, positions, and the most sub-keys. */
  private static final int COUNT_BLOCK = 512;

  private static final int COUNT_SLAB = 512;
  private static final int COUNT_RANGE = 8192;

  private final CudaRuntime cuda;
  private final ProductKeyTiles tiles;

  ProductKeySelector(CudaRuntime cuda) {
    this.cuda = cuda;
    this.tiles = new ProductKeyTiles(cuda);
  }

  /**
   * The tensors of one call; the last three are null if no balance loss is wanted, {@code valid} if
   * all positions count in it.
   */
  record Arguments(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor logSumExp,
      Tensor share,
      Tensor meanProbability) {
    boolean balanced() {
      return share != null;
    }

    boolean masked() {
      return balanced() && valid != null;
    }
  }

  void select(Arguments arguments) {
    ProductKeyShape shape = ProductKeyShape.of(arguments.keys, arguments.indices);
    if (shape.positions() == 0) {
      return;
    }
    if (!arguments.balanced()) {
      select(shape, arguments, null);
      return;
    }
    boolean tiled = tiles.take(shape, arguments.queries, arguments.keys);
    int slabs = tiled ? tiles.slabs(shape) : slabsBefore(shape, shape.positions());
    try (Tensor counts = cuda.scratch(DType.I32, shape.scores());
        Tensor partial = cuda.scratch(DType.F32, slabs, shape.scores())) {
      select(shape, arguments, partial);
      cuda.zero(counts);
      countSubKeys(shape, arguments, counts);
      writeStatistics(shape, arguments, counts, partial, slabs);
    }
  }

  private void select(ProductKeyShape shape, Arguments arguments, Tensor partial) {
    if (tiles.take(shape, arguments.queries, arguments.keys)) {
      selectByTiles(shape, arguments, partial);
    } else {
      selectByScores(shape, arguments, partial);
    }
  }

  private void countSubKeys(ProductKeyShape shape, Arguments arguments, Tensor counts) {
    int range = Math.min(shape.subKeys(), COUNT_RANGE);
    cuda.kernel(BALANCE, "count_sub_keys")
        .grid(
            (shape.positions() + COUNT_SLAB - 1L) / COUNT_SLAB,
            shape.halves(),
            (shape.subKeys() + range - 1L) / range)
        .block(COUNT_BLOCK)
        .shared(range * Integer.BYTES)
        .tensor(arguments.indices)
        .tensor(arguments.valid)
        .i32(shape.positions())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .i32(COUNT_SLAB)
        .i32(range)
        .tensor(counts)
        .run();
  }

  private void writeStatistics(
      ProductKeyShape shape, Arguments arguments, Tensor counts, Tensor partial, int slabs) {
    try (Tensor weight = arguments.masked() ? cuda.scratch(DType.F32, 1) : null) {
      if (weight != null) {
        rowWeight(cuda, arguments.valid, weight);
      }
      ProductKeySlabs.launch(cuda, BALANCE, "balance_statistics", slabs, shape.scores())
          .tensor(counts)
          .tensor(partial)
          .i32(slabs)
          .i32(shape.scores())
          .f32(1f / ((float) shape.positions() * shape.selected()))
          .f32(1f / shape.positions())
          .tensor(weight)
          .i32(shape.selected())
          .tensor(arguments.share)
          .tensor(arguments.meanProbability)
          .run();
    }
  }

  /** weight [1] = 1 / the number of valid rows. */
  static void rowWeight(CudaRuntime cuda, Tensor valid, Tensor weight) {
    cuda.kernel(BALANCE, "row_weight")
        .grid(1)
        .block(1024)
        .tensor(valid)
        .i32(Grids.extent(valid.elementCount()))
        .tensor(weight)
        .run();
  }

  /** Takes positions that do not count out of what follows from {@code logSumExp}. */
  private void maskRows(ProductKeyShape shape, Arguments arguments, int first, int rows) {
    if (arguments.masked()) {
      long elements = (long) rows * shape.halves();
      cuda.kernel(BALANCE, "mask_rows")
          .grid((elements + BLOCK - 1) / BLOCK)
          .block(BLOCK)
          .tensor(arguments.valid, first)
          .i32(rows)
          .i32(shape.halves())
          .tensor(arguments.logSumExp, (long) first * shape.halves())
          .run();
    }
  }

  private void selectByTiles(ProductKeyShape shape, Arguments arguments, Tensor partial) {
    long best = (long) shape.halves() * shape.positions() * shape.selected();
    try (Tensor values = cuda.scratch(DType.F32, best);
        Tensor subKeys = cuda.scratch(DType.I32, best)) {
      tiles.selectBest(shape, arguments, values, subKeys);
      bestSums(shape, arguments, values, subKeys, 0, shape.positions());
    }
    maskRows(shape, arguments, 0, shape.positions());
    if (partial != null) {
      tiles.sumProbabilities(shape, arguments, partial);
    }
  }

  /** Slabs of the chunks that end at a position. */
  private static int slabsBefore(ProductKeyShape shape, int position) {
    int rows = shape.chunkRows();
    int ofLast = (position % rows + SLAB - 1) / SLAB;
    return position / rows * ((rows + SLAB - 1) / SLAB) + ofLast;
  }

  /** Chunk by chunk, with all scores of a chunk in memory. */
  private void selectByScores(ProductKeyShape shape, Arguments arguments, Tensor partial) {
    int atATime = shape.chunkRows();
    long best = (long) shape.halves() * atATime * shape.selected();
    try (Tensor scores = cuda.scratch(DType.F32, shape.halves(), atATime, shape.subKeys());
        Tensor values = cuda.scratch(DType.F32, best);
        Tensor subKeys = cuda.scratch(DType.I32, best)) {
      for (int first = 0; first < shape.positions(); first += atATime) {
        int rows = Math.min(atATime, shape.positions() - first);
        cuda.matrix()
            .batchedGemm(
                shape.scores(rows),
                1f,
                arguments.queries.rows(first, first + rows),
                arguments.keys,
                0f,
                scores);
        bestScores(shape, arguments, scores, first, rows, values, subKeys);
        maskRows(shape, arguments, first, rows);
        bestSums(shape, arguments, values, subKeys, first, rows);
        if (partial != null) {
          sumProbabilities(shape, arguments, scores, first, rows, partial);
        }
      }
    }
  }

  private void bestScores(
      ProductKeyShape shape,
      Arguments arguments,
      Tensor scores,
      int first,
      int rows,
      Tensor values,
      Tensor subKeys) {
    Launch launch =
        cuda.kernel(PROGRAM, "best_scores")
            .grid(((long) shape.halves() * rows + WARPS - 1) / WARPS)
            .block(BLOCK)
            .tensor(scores)
            .i32(rows)
            .i32(shape.halves())
            .i32(shape.subKeys())
            .i32(shape.selected())
            .tensor(values)
            .tensor(subKeys);
    shape.logSumExp(launch, arguments.logSumExp, first).run();
  }

  private void bestSums(
      ProductKeyShape shape,
      Arguments arguments,
      Tensor values,
      Tensor subKeys,
      int first,
      int rows) {
    boolean few = shape.selected() <= 16;
    int block = few ? 32 : BLOCK;
    int perBlock = few ? block : WARPS;
    cuda.kernel(PROGRAM, few ? "best_sums_" + (shape.selected() <= 8 ? 8 : 16) : "best_sums")
        .grid(((long) shape.heads() * rows + perBlock - 1) / perBlock)
        .block(block)
        .tensor(values)
        .tensor(subKeys)
        .i32(rows)
        .i32(shape.heads())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .tensor(arguments.indices, first * shape.perPosition())
        .tensor(arguments.weights, first * shape.perPosition())
        .run();
  }

  private void sumProbabilities(
      ProductKeyShape shape,
      Arguments arguments,
      Tensor scores,
      int first,
      int rows,
      Tensor partial) {
    cuda.kernel(BALANCE, "probability_sums")
        .grid((shape.subKeys() + BLOCK - 1L) / BLOCK, shape.halves(), (rows + SLAB - 1L) / SLAB)
        .block(BLOCK)
        .tensor(scores)
        .tensor(arguments.logSumExp, (long) first * shape.halves())
        .i32(rows)
        .i32(shape.subKeys())
        .i32(SLAB)
        .tensor(partial, (long) slabsBefore(shape, first) * shape.scores())
        .run();
  }

  /** See {@link org.mneme.compute.kernels.MemoryKernels#balanceLoss}. */
  void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    cuda.kernel(BALANCE, "balance_loss")
        .grid(1)
        .block(1024)
        .tensor(share)
        .tensor(meanProbability)
        .i32(Grids.extent(share.elementCount()))
        .f32(factor * 0.5f * share.shape().extent(2))
        .tensor(out)
        .run();
  }
}
