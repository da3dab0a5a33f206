// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * The launches of the kernels that compute tiles of scores in tensor cores and keep none of them:
 * for BF16 and the usual extents. A block has 128 rows, positions or sub-keys, and passes over the
 * others by 64.
 */
final class ProductKeyTiles {
  private static final Set<Integer> HALF_WIDTHS = Set.of(32, 64, 128);
  private static final int MOST_SELECTED = 16;
  private static final int ALIGNMENT = 16;
  private static final int BLOCK = 128;
  private static final int ROWS = 128;
  private static final int TILE = 64;

  /** Elements between the rows of a tile, and of a tile of score gradients, beyond its width. */
  private static final int PADDING = 8;

  private static final int BLOCKS_PER_MULTIPROCESSOR = 3;

  private final CudaRuntime cuda;

  ProductKeyTiles(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  boolean take(ProductKeyShape shape, Tensor queries, Tensor keys) {
    return queries.dtype() == DType.BF16
        && HALF_WIDTHS.contains(shape.halfWidth())
        && shape.selected() <= MOST_SELECTED
        && cuda.address(queries) % ALIGNMENT == 0
        && cuda.address(keys) % ALIGNMENT == 0;
  }

  private Launch kernel(ProductKeyShape shape, String kernel) {
    return cuda.kernel("product_keys_" + shape.halfWidth(), kernel).block(BLOCK);
  }

  /** Bytes of the two tiles that take turns, and of floats and a block's rows beside them. */
  private static int shared(ProductKeyShape shape, int floats) {
    return 2 * TILE * (shape.halfWidth() + PADDING) * DType.BF16.byteCount() + floats * Float.BYTES;
  }

  private static long blocks(int rows) {
    return (rows + ROWS - 1L) / ROWS;
  }

  /**
   * Positions that a block of sub-keys passes over: all blocks at once, if that keeps most of the
   * GPU busy, else four times as many.
   */
  int slabRows(ProductKeyShape shape) {
    long resident = (long) cuda.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
    long tiles = blocks(shape.subKeys()) * shape.halves();
    long slabs = Math.max(1, (tiles * 2 <= resident ? 1 : 4) * resident / tiles);
    long rows = (shape.positions() + slabs - 1) / slabs;
    return (int) ((Math.max(rows, ROWS) + TILE - 1) / TILE * TILE);
  }

  int slabs(ProductKeyShape shape) {
    int rows = slabRows(shape);
    return (shape.positions() + rows - 1) / rows;
  }

  /** The best of each half, {@code values} and {@code bestKeys} [halves, N, S], and logSumExp. */
  void selectBest(
      ProductKeyShape shape,
      ProductKeySelector.Arguments arguments,
      Tensor values,
      Tensor bestKeys) {
    int candidates = ROWS * (TILE + 1);
    kernel(shape, shape.selected() <= 8 ? "select_best_8" : "select_best_16")
        .grid(blocks(shape.positions()), shape.halves(), 1)
        .shared(shared(shape, candidates))
        .tensor(arguments.queries())
        .tensor(arguments.keys())
        .i32(shape.positions())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .tensor(values)
        .tensor(bestKeys)
        .tensor(arguments.logSumExp())
        .run();
  }

  /** Sums of probabilities [slabs, halves, n]. */
  void sumProbabilities(
      ProductKeyShape shape, ProductKeySelector.Arguments arguments, Tensor partial) {
    kernel(shape, "sum_probabilities")
        .grid(blocks(shape.subKeys()), shape.halves(), slabs(shape))
        .shared(shared(shape, 2 * TILE))
        .tensor(arguments.queries())
        .tensor(arguments.keys())
        .tensor(arguments.logSumExp())
        .i32(shape.positions())
        .i32(shape.subKeys())
        .i32(slabRows(shape))
        .tensor(partial)
        .run();
  }

  /** The gradient of queries, and the means Σ f·P [halves, N] for that of keys. */
  void queryGradients(
      ProductKeyShape shape,
      ProductKeyGradient.Arguments arguments,
      Tensor gradients,
      Tensor means) {
    balance(
            kernel(shape, "query_gradients")
                .grid(blocks(shape.positions()), shape.halves(), 1)
                .shared(shared(shape, 2 * TILE)),
            shape,
            arguments)
        .tensor(gradients)
        .i32(shape.positions())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .tensor(means)
        .tensor(arguments.dQueries())
        .run();
  }

  /** Gradients of keys [slabs, halves, n, D/2]. */
  void keyGradients(
      ProductKeyShape shape,
      ProductKeyGradient.Arguments arguments,
      Tensor gradients,
      Tensor means,
      Tensor partial) {
    int floats = 4 * TILE + ROWS * (TILE + PADDING) / 2 + 2 * shape.selected() * TILE;
    balance(
            kernel(shape, "key_gradients")
                .grid(blocks(shape.subKeys()), shape.halves(), slabs(shape))
                .shared(shared(shape, floats)),
            shape,
            arguments)
        .tensor(means)
        .tensor(gradients)
        .i32(shape.positions())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .i32(slabRows(shape))
        .tensor(partial)
        .run();
  }

  private static Launch balance(
      Launch launch, ProductKeyShape shape, ProductKeyGradient.Arguments arguments) {
    return launch
        .tensor(arguments.queries())
        .tensor(arguments.keys())
        .tensor(arguments.balanced() ? arguments.logSumExp() : null)
        .tensor(arguments.balanced() ? arguments.share() : null)
        .f32(arguments.scoreFactor(shape));
  }
}
