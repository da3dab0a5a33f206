// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.ValidRows;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * Selection by product keys: scores by matrix products on chunks of positions, then row by row.
 *
 * <p>The statistics of the balance loss are summed within each chunk and then over the chunks,
 * whose borders depend on the extents only.
 */
final class ProductKeySelector {
  private final HostRuntime host;

  ProductKeySelector(HostRuntime host) {
    this.host = host;
  }

  /**
   * The last three are null if no balance loss is wanted, {@code valid} if all positions count in
   * it.
   */
  void select(
      HostTensor queries,
      HostTensor keys,
      HostTensor valid,
      HostTensor indices,
      HostTensor weights,
      HostTensor logSumExp,
      HostTensor share,
      HostTensor meanProbability) {
    ProductKeyShape shape = new ProductKeyShape(keys, indices);
    int scoreElements = Math.multiplyExact(shape.chunkRows, shape.subKeys);
    HostTensor scores =
        host.workspace()
            .floats("product_key_scores", (long) host.workers().count() * scoreElements);
    long chunks = Math.max(1, (shape.positions + shape.chunkRows - 1L) / shape.chunkRows);
    long statistics = 2L * shape.halves() * shape.subKeys;
    HostTensor partial =
        share == null
            ? null
            : host.workspace().floats("product_key_statistics", chunks * statistics);
    ValidRows counting = ValidRows.of(valid, shape.positions);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            shape.positions,
            shape.chunkRows,
            (from, to, worker) -> {
              Chunk chunk = new Chunk(shape, vectors, host.tiles(worker), from, (int) (to - from));
              chunk.counting = counting;
              chunk.balance = partial != null;
              chunk.scores = scores;
              chunk.scoresAt = (long) worker * scoreElements;
              chunk.select(queries, keys);
              chunk.write(indices, weights, logSumExp);
              if (partial != null) {
                partial.put(
                    from / shape.chunkRows * statistics, chunk.statistics, 0, (int) statistics);
              }
            });
    if (partial != null) {
      sumStatistics(shape, counting.count(), partial, chunks, share, meanProbability);
    }
  }

  private void sumStatistics(
      ProductKeyShape shape,
      long counted,
      HostTensor partial,
      long chunks,
      HostTensor share,
      HostTensor meanProbability) {
    int length = shape.scores();
    float[] sums = new float[Math.multiplyExact(2, length)];
    float[] part = new float[Math.multiplyExact(2, length)];
    for (long chunk = 0; chunk < (shape.positions == 0 ? 0 : chunks); chunk++) {
      partial.get(chunk * 2 * length, part, 0, 2 * length);
      for (int i = 0; i < 2 * length; i++) {
        sums[i] += part[i];
      }
    }
    float perSelection = 1f / ((float) Math.max(1, counted) * shape.selected);
    float perPosition = 1f / Math.max(1, counted);
    for (int i = 0; i < length; i++) {
      sums[i] *= perPosition;
      sums[length + i] *= perSelection;
    }
    meanProbability.put(0, sums, 0, length);
    share.put(0, sums, length, length);
  }

  /** The positions of one task. */
  private final class Chunk {
    private final ProductKeyShape shape;
    private final Vectors vectors;
    private final long firstRow;
    private final int rows;
    private final SumSelection selection;
    private final float[][] values;
    private final int[][] subKeys;
    private final float[] row;
    private final float[] sums;
    private final int[] chosen;
    private final float[] logs;

    /** Sums of probabilities [halves, n], then counts of selections [halves, n]. */
    private final float[] statistics;

    private boolean balance;
    private ValidRows counting;
    private HostTensor scores;
    private long scoresAt;

    Chunk(ProductKeyShape shape, Vectors vectors, Tiles tiles, long firstRow, int rows) {
      this.shape = shape;
      this.vectors = vectors;
      this.firstRow = firstRow;
      this.rows = rows;
      this.selection = new SumSelection(shape.selected);
      int best = rows * shape.selected;
      this.values = new float[][] {tiles.floats(0, best), tiles.floats(1, best)};
      this.subKeys = new int[][] {tiles.ints(0, best), tiles.ints(1, best)};
      this.row = tiles.floats(2, shape.subKeys);
      this.sums = tiles.floats(3, best * shape.heads);
      this.chosen = tiles.ints(2, best * shape.heads);
      this.logs = tiles.floats(4, rows * shape.halves());
      this.statistics = tiles.floats(5, Math.multiplyExact(2, shape.scores()));
    }

    void select(HostTensor queries, HostTensor keys) {
      if (balance) {
        Arrays.fill(statistics, 0, Math.multiplyExact(2, shape.scores()), 0f);
      }
      for (int head = 0; head < shape.heads; head++) {
        for (int part = 0; part < 2; part++) {
          score(queries, keys, 2 * head + part);
          for (int r = 0; r < rows; r++) {
            scores.get(scoresAt + (long) r * shape.subKeys, row, 0, shape.subKeys);
            selection.bestOfHalf(
                row, shape.subKeys, values[part], subKeys[part], r * shape.selected);
            if (balance) {
              addProbabilities(r, 2 * head + part, values[part][r * shape.selected]);
            }
          }
        }
        for (int r = 0; r < rows; r++) {
          int to = (r * shape.heads + head) * shape.selected;
          selection.bestSums(values, subKeys, r * shape.selected, shape.subKeys, sums, chosen, to);
          if (balance && counting.has(firstRow + r)) {
            count(head, to);
          }
        }
      }
    }

    private void score(HostTensor queries, HostTensor keys, int half) {
      FloatPointer u =
          queries.floats(firstRow * shape.queryWidth() + (long) half * shape.halfWidth);
      FloatPointer k = keys.floats((long) half * shape.subKeys * shape.halfWidth);
      host.blas()
          .sgemm(
              false,
              true,
              rows,
              shape.subKeys,
              shape.halfWidth,
              1f,
              u,
              shape.queryWidth(),
              k,
              shape.halfWidth,
              0f,
              scores.floats(scoresAt),
              shape.subKeys);
    }

    private void addProbabilities(int r, int half, float best) {
      if (!counting.has(firstRow + r)) {
        logs[r * shape.halves() + half] = Float.POSITIVE_INFINITY;
        return;
      }
      float sum = vectors.expSum(row, 0, 1f, best, shape.subKeys);
      Loops.axpy(1 / sum, row, 0, statistics, half * shape.subKeys, shape.subKeys);
      logs[r * shape.halves() + half] = best + (float) Math.log(sum);
    }

    private void count(int head, int at) {
      int counts = (shape.halves() + 2 * head) * shape.subKeys;
      for (int s = at; s < at + shape.selected; s++) {
        statistics[counts + chosen[s] / shape.subKeys]++;
        statistics[counts + shape.subKeys + chosen[s] % shape.subKeys]++;
      }
    }

    /** Of the sums, which descend: the first of each group is its largest. */
    private void softmax(int length) {
      for (int at = 0; at < length; at += shape.selected) {
        float largest = sums[at];
        for (int s = at; s < at + shape.selected; s++) {
          sums[s] -= largest;
        }
      }
      vectors.expSum(sums, 0, 1f, 0f, length);
      for (int at = 0; at < length; at += shape.selected) {
        float sum = 0;
        for (int s = at; s < at + shape.selected; s++) {
          sum += sums[s];
        }
        Loops.scale(1 / sum, sums, at, sums, at, shape.selected);
      }
    }

    void write(HostTensor indices, HostTensor weights, HostTensor logSumExp) {
      int length = shape.selections(rows);
      softmax(length);
      long from = firstRow * shape.heads * shape.selected;
      indices.put(from, chosen, 0, length);
      weights.put(from, sums, 0, length);
      if (balance) {
        logSumExp.put(firstRow * shape.halves(), logs, 0, rows * shape.halves());
      }
    }
  }
}
