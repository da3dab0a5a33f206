// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * Finds the nearest token of every place of many entries: argmax over v of ⟨x, E[v]⟩, x = keep·E[t]
 * + f.
 *
 * <p>Only the products F = f·Eᵀ, which the places of an entry share, are computed in full. With
 * g[t] = max over v ≠ t of ⟨E[t], E[v]⟩, a token v ≠ t whose keep·g[t] + F[v] is below the value of
 * a token already known cannot win, which leaves a few candidates to compare: {@link
 * NearestTokenChunk}.
 */
final class NearestToken {
  /** Rows of a product with all embeddings, for which these are packed once. */
  private static final int MOST_ROWS = 256;

  /** Scores that a worker holds. */
  private static final int SCORE_ELEMENTS = 1 << 23;

  private static final int NORM_GRAIN = 256;

  private final HostRuntime host;
  private final NeighbourBounds neighbours;

  NearestToken(HostRuntime host) {
    this.host = host;
    this.neighbours = new NeighbourBounds(host);
  }

  void find(
      HostTensor embeddings,
      HostTensor tokens,
      HostTensor keep,
      HostTensor features,
      HostTensor out) {
    // Without a share of the old tokens, as in k-means, what is near them does not matter.
    float[] bounds = anyAbove(keep, 0) ? neighbours.of(embeddings) : null;
    Search search = prepare(embeddings, bounds);
    int places = Math.toIntExact(tokens.shape().columns());
    host.workers()
        .forRange(
            tokens.shape().rows(),
            search.rows,
            (from, to, worker) ->
                new NearestTokenChunk(
                        host, search, worker, features, from, (int) (to - from), places)
                    .find(tokens, keep, out));
  }

  private boolean anyAbove(HostTensor values, float bound) {
    int count = Math.toIntExact(values.elementCount());
    float[] tile = host.tiles(0).floats(0, count);
    values.get(0, tile, 0, count);
    for (int i = 0; i < count; i++) {
      if (tile[i] > bound) {
        return true;
      }
    }
    return false;
  }

  private Search prepare(HostTensor embeddings, float[] bounds) {
    int vocabulary = Math.toIntExact(embeddings.shape().rows());
    int width = Math.toIntExact(embeddings.shape().columns());
    int rows = Math.max(16, Math.min(MOST_ROWS, SCORE_ELEMENTS / vocabulary));
    long workers = host.workers().count();
    return new Search(
        host,
        embeddings,
        largestNorm(embeddings),
        bounds,
        rows,
        host.workspace().floats("nearest_token_scores", workers * rows * vocabulary),
        host.workspace().floats("nearest_token_vectors", workers * rows * width));
  }

  /** What all chunks share. */
  static final class Search {
    private final HostRuntime host;
    final HostTensor embeddings;
    final int vocabulary;
    final int width;

    /** The largest Euclidean norm of an embedding. */
    final double largestNorm;

    private final float[] bounds;

    /** Rows of a product with all embeddings. */
    final int rows;

    /** Room for such a product for each worker. */
    final HostTensor scores;

    /** Room for its left side for each worker. */
    final HostTensor vectors;

    Search(
        HostRuntime host,
        HostTensor embeddings,
        double largestNorm,
        float[] bounds,
        int rows,
        HostTensor scores,
        HostTensor vectors) {
      this.host = host;
      this.embeddings = embeddings;
      this.vocabulary = Math.toIntExact(embeddings.shape().rows());
      this.width = Math.toIntExact(embeddings.shape().columns());
      this.largestNorm = largestNorm;
      this.bounds = bounds;
      this.rows = rows;
      this.scores = scores;
      this.vectors = vectors;
    }

    /** What a token other than {@code token} can gain at most from the share kept of it. */
    double mostGained(int token, float keep) {
      return bounds == null ? 0 : (double) keep * bounds[token];
    }

    long scoresAt(int worker) {
      return (long) worker * rows * vocabulary;
    }

    long vectorsAt(int worker) {
      return (long) worker * rows * width;
    }

    /** Above it, comparing one by one costs more than a product with all embeddings. */
    int mostCandidates() {
      return Math.max(8, vocabulary / 16);
    }

    /** Writes left·Eᵀ to the scores from {@code to} on. */
    void multiply(FloatPointer left, int count, long to) {
      FloatPointer right = embeddings.floats(0);
      FloatPointer result = scores.floats(to);
      host.blas()
          .sgemm(
              false,
              true,
              count,
              vocabulary,
              width,
              1f,
              left,
              width,
              right,
              width,
              0f,
              result,
              vocabulary);
    }
  }

  private double largestNorm(HostTensor embeddings) {
    long rows = embeddings.shape().rows();
    int width = Math.toIntExact(embeddings.shape().columns());
    float[] largest = new float[(int) ((rows + NORM_GRAIN - 1) / NORM_GRAIN)];
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            rows,
            NORM_GRAIN,
            (from, to, worker) -> {
              float[] row = host.tiles(worker).floats(0, width);
              float best = 0;
              for (long r = from; r < to; r++) {
                embeddings.get(r * width, row, 0, width);
                best = Math.max(best, vectors.sumOfSquares(row, 0, width));
              }
              largest[(int) (from / NORM_GRAIN)] = best;
            });
    return Math.sqrt(host.vectors().max(largest, 0, largest.length));
  }
}
