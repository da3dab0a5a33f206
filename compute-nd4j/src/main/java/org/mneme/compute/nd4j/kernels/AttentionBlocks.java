// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.Blas;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * One head of causal attention, by blocks of queries: scores of a block by one product, softmax in
 * tiles, output by another product. Keys behind the last query of a block are left out.
 */
final class AttentionBlocks {
  /** Queries of a block. */
  static final int QUERIES = 64;

  private static final int TILE = 8192;

  private final HostRuntime host;

  AttentionBlocks(HostRuntime host) {
    this.host = host;
  }

  /**
   * Sizes of one head.
   *
   * @param queries number of queries
   * @param before number of keys before that of the first query
   * @param headDim width
   */
  record Extents(int queries, int before, int headDim) {
    /** Factor of the scores. */
    float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }

    /** Queries of the block that begins at {@code from}. */
    int rows(int from) {
      return Math.min(QUERIES, queries - from);
    }

    /** Keys that queries of the block that begins at {@code from} see. */
    int keys(int from) {
      return before + from + rows(from);
    }
  }

  /** A worker's matrix for the scores of a block. */
  Strided scores(HostTensor scratch, int worker, int number, int keys) {
    long size = (long) QUERIES * keys;
    long matrices = scratch.elementCount() / size / host.workers().count();
    return new Strided(scratch, (worker * matrices + number) * size, keys);
  }

  Blas blas() {
    return host.blas();
  }

  Vectors vectors() {
    return host.vectors();
  }

  void forward(
      Strided q,
      Strided k,
      Strided v,
      Strided out,
      Extents extents,
      Strided scores,
      Tiles tiles,
      HostTensor logSumExp,
      long logSumExpAt) {
    Blas blas = host.blas();
    int width = extents.headDim();
    float[] sums = tiles.floats(1, QUERIES);
    for (int from = 0; from < extents.queries(); from += QUERIES) {
      int rows = extents.rows(from);
      int keys = extents.keys(from);
      products(q, k, extents, from, scores);
      softmax(scores, extents, from, tiles, sums);
      if (logSumExp != null) {
        logSumExp.put(logSumExpAt + from, sums, 0, rows);
      }
      blas.sgemm(
          false,
          false,
          rows,
          width,
          keys,
          1f,
          scores.row(0),
          keys,
          v.row(0),
          v.stride(),
          0f,
          out.row(from),
          out.stride());
    }
  }

  /** scores [rows, keys], rows close together, = a·bᵀ for the block's rows of a. */
  void products(Strided a, Strided b, Extents extents, int from, Strided scores) {
    int keys = extents.keys(from);
    host.blas()
        .sgemm(
            false,
            true,
            extents.rows(from),
            keys,
            extents.headDim(),
            1f,
            a.row(from),
            a.stride(),
            b.row(0),
            b.stride(),
            0f,
            scores.row(0),
            keys);
  }

  /** Turns scores into probabilities; {@code sums} gets the logarithms of the sums. */
  private void softmax(Strided scores, Extents extents, int from, Tiles tiles, float[] sums) {
    Vectors vectors = host.vectors();
    int keys = extents.keys(from);
    int visible = extents.before() + from + 1;
    float scale = extents.scale();
    forTiles(
        extents.rows(from),
        keys,
        (first, rows) -> {
          float[] tile = tiles.floats(0, rows * keys);
          HostTensor matrix = scores.tensor();
          matrix.get(scores.first() + (long) first * keys, tile, 0, rows * keys);
          for (int row = 0; row < rows; row++) {
            int at = row * keys;
            int seen = visible + first + row;
            float shift = scale * vectors.max(tile, at, seen);
            float sum = vectors.expSum(tile, at, scale, shift, seen);
            sums[first + row] = (float) (shift + Math.log(sum));
            scale(tile, at, 1f / sum, seen);
            Arrays.fill(tile, at + seen, at + keys, 0f);
          }
          matrix.put(scores.first() + (long) first * keys, tile, 0, rows * keys);
        });
  }

  private static void scale(float[] x, int at, float factor, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] *= factor;
    }
  }

  /** Rows of a block that make a tile. */
  @FunctionalInterface
  interface TileTask {
    void run(int first, int rows);
  }

  static void forTiles(int rows, int keys, TileTask task) {
    int grain = Math.max(1, TILE / keys);
    for (int first = 0; first < rows; first += grain) {
      task.run(first, Math.min(grain, rows - first));
    }
  }
}
