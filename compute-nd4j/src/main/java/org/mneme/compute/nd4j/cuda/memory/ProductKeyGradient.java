// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * The gradient of product-key selection and of its balance loss.
 *
 * <p>For the score s of sub-key k at one position, with P = softmax(s): ∂/∂s[k] =
 * c·½·n/N·P[k]·(f[k] − Σ f·P), plus the gradients of the sums kept that k has a share in.
 */
final class ProductKeyGradient {
  private static final String PROGRAM = "product_keys_backward";
  private static final int BLOCK = 256;

  /** Where a thread has much to do. */
  private static final int SMALL_BLOCK = 64;

  private final CudaRuntime cuda;
  private final ProductKeyTiles tiles;

  ProductKeyGradient(CudaRuntime cuda) {
    this.cuda = cuda;
    this.tiles = new ProductKeyTiles(cuda);
  }

  /**
   * The tensors of one call; logSumExp and share are null without a balance loss, {@code valid} if
   * all positions count in it.
   */
  record Arguments(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor dLogWeights,
      Tensor logSumExp,
      Tensor share,
      float balanceFactor,
      Tensor dQueries,
      Tensor dKeys) {
    boolean balanced() {
      return share != null && balanceFactor != 0;
    }

    Arguments withShare(Tensor other) {
      return new Arguments(
          queries,
          keys,
          null,
          indices,
          weights,
          dLogWeights,
          logSumExp,
          other,
          balanceFactor,
          dQueries,
          dKeys);
    }

    /** Factor of P·(f − Σ f·P). */
    float scoreFactor(ProductKeyShape shape) {
      return balanceFactor * 0.5f * shape.subKeys() / shape.positions();
    }
  }

  void add(Arguments arguments) {
    ProductKeyShape shape = ProductKeyShape.of(arguments.keys, arguments.indices);
    if (shape.positions() == 0) {
      return;
    }
    if (!arguments.balanced() || arguments.valid == null) {
      add(shape, arguments);
      return;
    }
    try (Tensor weight = cuda.scratch(DType.F32, 1);
        Tensor scaled = cuda.scratch(DType.F32, shape.scores())) {
      scaleShare(shape, arguments, weight, scaled);
      add(shape, arguments.withShare(scaled));
    }
  }

  /**
   * The gradient is linear in f, and the probabilities of positions that do not count are 0 by
   * their {@code logSumExp}: with f·N / (positions that count), the factor of N positions is right.
   */
  private void scaleShare(
      ProductKeyShape shape, Arguments arguments, Tensor weight, Tensor scaled) {
    ProductKeySelector.rowWeight(cuda, arguments.valid, weight);
    cuda.kernel(ProductKeySelector.BALANCE, "scale_share")
        .grid((shape.scores() + BLOCK - 1L) / BLOCK)
        .block(BLOCK)
        .tensor(arguments.share)
        .tensor(weight)
        .f32(shape.positions())
        .i32(shape.scores())
        .tensor(scaled)
        .run();
  }

  private void add(ProductKeyShape shape, Arguments arguments) {
    if (tiles.take(shape, arguments.queries, arguments.keys)) {
      addByTiles(shape, arguments);
      return;
    }
    try (Tensor dSums = cuda.scratch(DType.F32, shape.positions() * shape.perPosition())) {
      differentiateSums(shape, arguments, dSums);
      addByScores(shape, arguments, dSums);
    }
  }

  private void addByTiles(ProductKeyShape shape, Arguments arguments) {
    long halves = shape.halves();
    int slabs = tiles.slabs(shape);
    long length = shape.scores() * (long) shape.halfWidth();
    try (Tensor gradients = cuda.scratch(DType.I32, halves, shape.selected(), shape.positions());
        Tensor means = cuda.scratch(DType.F32, halves, shape.positions());
        Tensor partial = cuda.scratch(DType.F32, slabs, length)) {
      differentiateSelections(shape, arguments, gradients);
      tiles.queryGradients(shape, arguments, gradients, means);
      tiles.keyGradients(shape, arguments, gradients, means, partial);
      ProductKeySlabs.launch(cuda, PROGRAM, "add_slabs", slabs, length)
          .tensor(partial)
          .i32(slabs)
          .i64(length)
          .tensor(arguments.dKeys)
          .run();
    }
  }

  /** What selections give to sub-keys [halves, S, N]. */
  private void differentiateSelections(
      ProductKeyShape shape, Arguments arguments, Tensor gradients) {
    long rows = shape.positions() * (long) shape.heads();
    cuda.kernel(PROGRAM, "selected_gradients_" + (shape.selected() <= 8 ? 8 : 16))
        .grid((rows + SMALL_BLOCK - 1) / SMALL_BLOCK)
        .block(SMALL_BLOCK)
        .tensor(arguments.indices)
        .tensor(arguments.weights)
        .tensor(arguments.dLogWeights)
        .i32(shape.positions())
        .i32(shape.heads())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .tensor(gradients)
        .run();
  }

  private void differentiateSums(ProductKeyShape shape, Arguments arguments, Tensor dSums) {
    long rows = (long) shape.positions() * shape.heads();
    cuda.kernel(PROGRAM, "sum_gradients")
        .grid((rows + BLOCK - 1) / BLOCK)
        .block(BLOCK)
        .tensor(arguments.weights)
        .tensor(arguments.dLogWeights)
        .i64(rows)
        .i32(shape.selected())
        .tensor(dSums)
        .run();
  }

  /**
   * Chunk by chunk, with all scores of a chunk and their gradients in memory; in BF16 as the sum of
   * two tensors, as what is left where rounded gradients nearly cancel is too far off.
   */
  private void addByScores(ProductKeyShape shape, Arguments arguments, Tensor dSums) {
    int atATime = shape.chunkRows();
    DType dtype = arguments.queries.dtype();
    long length = (long) atATime * shape.scores();
    try (Tensor scores = cuda.scratch(DType.F32, length);
        Tensor dScores = cuda.scratch(dtype, length);
        Tensor remainders = dtype == DType.F32 ? null : cuda.scratch(dtype, length)) {
      for (int first = 0; first < shape.positions(); first += atATime) {
        int rows = Math.min(atATime, shape.positions() - first);
        if (arguments.balanced()) {
          Tensor queries = arguments.queries.rows(first, first + rows);
          cuda.matrix().batchedGemm(shape.scores(rows), 1f, queries, arguments.keys, 0f, scores);
        }
        differentiateScores(shape, arguments, scores, dSums, first, rows, dScores, remainders);
        addProducts(shape, arguments, first, rows, dScores, 0f);
        if (remainders != null) {
          addProducts(shape, arguments, first, rows, remainders, 1f);
        }
      }
    }
  }

  /** Gradients of queries are overwritten with {@code beta} 0 and added to with 1. */
  private void addProducts(
      ProductKeyShape shape, Arguments arguments, int first, int rows, Tensor dScores, float beta) {
    Tensor queries = arguments.queries.rows(first, first + rows);
    Tensor dQueries = arguments.dQueries.rows(first, first + rows);
    cuda.matrix()
        .batchedGemm(shape.queryGradients(rows), 1f, dScores, arguments.keys, beta, dQueries);
    cuda.matrix().batchedGemm(shape.keyGradients(rows), 1f, dScores, queries, 1f, arguments.dKeys);
  }

  private void differentiateScores(
      ProductKeyShape shape,
      Arguments arguments,
      Tensor scores,
      Tensor dSums,
      int first,
      int rows,
      Tensor dScores,
      Tensor remainders) {
    boolean balanced = arguments.balanced();
    Launch launch =
        cuda.kernel(PROGRAM, "score_gradients", dScores.dtype())
            .grid(rows, shape.halves(), 1)
            .block(BLOCK)
            .tensor(scores);
    shape
        .logSumExp(launch, balanced ? arguments.logSumExp : null, first)
        .tensor(balanced ? arguments.share : null)
        .f32(arguments.scoreFactor(shape))
        .tensor(arguments.indices, first * shape.perPosition())
        .tensor(dSums, first * shape.perPosition())
        .i32(shape.subKeys())
        .i32(shape.selected())
        .tensor(dScores)
        .tensor(remainders)
        .run();
  }
}
