// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.ValidRows;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * The gradient of product-key selection with the balance loss, which reaches every score: scores
 * and probabilities are computed again, part by part, and what follows is matrix products.
 *
 * <p>For the score s of sub-key k at one position, with P = softmax(s): ∂/∂s[k] =
 * c·½·n/N·P[k]·(f[k] − Σ f·P), plus the gradients of the sums kept that k has a share in.
 */
final class ProductKeyGradient {
  /** Score gradients kept at a time. */
  private static final long SCORE_ELEMENTS = 1L << 22;

  /** Sub-keys whose gradients are one product. */
  private static final int KEY_GRAIN = 64;

  private final HostRuntime host;

  ProductKeyGradient(HostRuntime host) {
    this.host = host;
  }

  /** The tensors of one call. */
  record Arguments(
      HostTensor queries,
      HostTensor keys,
      HostTensor valid,
      HostTensor indices,
      HostTensor weights,
      HostTensor dLogWeights,
      HostTensor logSumExp,
      HostTensor share,
      float balanceFactor,
      HostTensor dQueries,
      HostTensor dKeys) {}

  void add(Arguments arguments) {
    ProductKeyShape shape = new ProductKeyShape(arguments.keys, arguments.indices);
    long perRow = (long) shape.halves() * shape.subKeys;
    long chunksAtATime = Math.max(1, SCORE_ELEMENTS / perRow / shape.chunkRows);
    long rowsAtATime = Math.min(shape.positions, chunksAtATime * shape.chunkRows);
    HostTensor scores = host.workspace().floats("product_key_gradient", rowsAtATime * perRow);
    ValidRows counting = ValidRows.of(arguments.valid, shape.positions);
    float[] shares = new float[shape.scores()];
    arguments.share.get(0, shares, 0, shares.length);
    for (long first = 0; first < shape.positions; first += rowsAtATime) {
      int rows = (int) Math.min(rowsAtATime, shape.positions - first);
      Part part = new Part(shape, arguments, counting, scores, shares, first, rows);
      host.workers().forRange(rows, shape.chunkRows, part::differentiateScores);
      part.addKeyGradients();
    }
  }

  /** Positions whose score gradients are in the workspace together, [halves, rows, n]. */
  private final class Part {
    private final ProductKeyShape shape;
    private final Arguments arguments;
    private final ValidRows counting;
    private final HostTensor scores;
    private final float[] shares;
    private final long first;
    private final int rows;
    private final Vectors vectors = host.vectors();
    private final float factor;

    Part(
        ProductKeyShape shape,
        Arguments arguments,
        ValidRows counting,
        HostTensor scores,
        float[] shares,
        long first,
        int rows) {
      this.shape = shape;
      this.arguments = arguments;
      this.counting = counting;
      this.scores = scores;
      this.shares = shares;
      this.first = first;
      this.rows = rows;
      this.factor = arguments.balanceFactor * 0.5f * shape.subKeys / Math.max(1, counting.count());
    }

    private long scoresAt(int half, long row) {
      return (half * (long) rows + row) * shape.subKeys;
    }

    void differentiateScores(long from, long to, int worker) {
      int count = (int) (to - from);
      int length = shape.selections(count);
      int[] chosen = host.tiles(worker).ints(0, length);
      float[] dSums = host.tiles(worker).floats(0, length);
      float[] weights = host.tiles(worker).floats(1, length);
      float[] logs = host.tiles(worker).floats(2, count * shape.halves());
      float[] row = host.tiles(worker).floats(3, shape.subKeys);
      long selections = (first + from) * shape.heads * shape.selected;
      arguments.indices.get(selections, chosen, 0, length);
      arguments.dLogWeights.get(selections, dSums, 0, length);
      arguments.weights.get(selections, weights, 0, length);
      arguments.logSumExp.get((first + from) * shape.halves(), logs, 0, count * shape.halves());
      SelectionGradient.softmaxBackward(dSums, weights, length, shape.selected);
      for (int half = 0; half < shape.halves(); half++) {
        multiplyByKeys(half, from, count);
        for (int r = 0; r < count; r++) {
          long at = scoresAt(half, from + r);
          scores.get(at, row, 0, shape.subKeys);
          if (counting.has(first + from + r)) {
            vectors.expSum(row, 0, 1f, logs[r * shape.halves() + half], shape.subKeys);
            differentiateBalance(row, half);
          } else {
            Arrays.fill(row, 0, shape.subKeys, 0f);
          }
          int slots = (r * shape.heads + half / 2) * shape.selected;
          addSums(row, chosen, dSums, slots, half % 2);
          scores.put(at, row, 0, shape.subKeys);
        }
        differentiateQueries(half, from, count);
      }
    }

    private void multiplyByKeys(int half, long from, int count) {
      host.blas()
          .sgemm(
              false,
              true,
              count,
              shape.subKeys,
              shape.halfWidth,
              1f,
              arguments.queries.floats(queryAt(half, from)),
              shape.queryWidth(),
              keys(arguments.keys, half, 0),
              shape.halfWidth,
              0f,
              scores.floats(scoresAt(half, from)),
              shape.subKeys);
    }

    private void differentiateBalance(float[] probabilities, int half) {
      int at = half * shape.subKeys;
      float mean = vectors.dot(probabilities, 0, shares, at, shape.subKeys);
      for (int k = 0; k < shape.subKeys; k++) {
        probabilities[k] = factor * probabilities[k] * (shares[at + k] - mean);
      }
    }

    private void addSums(float[] row, int[] chosen, float[] dSums, int slots, int part) {
      for (int s = slots; s < slots + shape.selected; s++) {
        row[shape.subKey(chosen[s], part)] += dSums[s];
      }
    }

    private void differentiateQueries(int half, long from, int count) {
      host.blas()
          .sgemm(
              false,
              false,
              count,
              shape.halfWidth,
              shape.subKeys,
              1f,
              scores.floats(scoresAt(half, from)),
              shape.subKeys,
              keys(arguments.keys, half, 0),
              shape.halfWidth,
              0f,
              arguments.dQueries.floats(queryAt(half, from)),
              shape.queryWidth());
    }

    /** Each product sums over all rows of this part, so the order of sums is fixed. */
    void addKeyGradients() {
      int blocks = (shape.subKeys + KEY_GRAIN - 1) / KEY_GRAIN;
      host.workers()
          .forRange(
              (long) shape.halves() * blocks,
              1,
              (from, to, worker) -> {
                int half = (int) from / blocks;
                int k = (int) from % blocks * KEY_GRAIN;
                host.blas()
                    .sgemm(
                        true,
                        false,
                        Math.min(KEY_GRAIN, shape.subKeys - k),
                        shape.halfWidth,
                        rows,
                        1f,
                        scores.floats(scoresAt(half, 0) + k),
                        shape.subKeys,
                        arguments.queries.floats(queryAt(half, 0)),
                        shape.queryWidth(),
                        1f,
                        keys(arguments.dKeys, half, k),
                        shape.halfWidth);
              });
    }

    private long queryAt(int half, long row) {
      return (first + row) * shape.queryWidth() + (long) half * shape.halfWidth;
    }

    private FloatPointer keys(HostTensor keys, int half, int k) {
      return keys.floats(((long) half * shape.subKeys + k) * shape.halfWidth);
    }
  }
}
