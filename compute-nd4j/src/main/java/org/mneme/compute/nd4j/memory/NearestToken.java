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
  private final InvertedIndex distinct = new InvertedIndex();
  private float[] bounds = new float[0];

  NearestToken(HostRuntime host) {
    this.host = host;
  }

  void find(
      HostTensor embeddings,
      HostTensor tokens,
      HostTensor keep,
      HostTensor features,
      HostTensor out) {
    Search search = prepare(embeddings);
    findBounds(search, tokens);
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

  private Search prepare(HostTensor embeddings) {
    int vocabulary = Math.toIntExact(embeddings.shape().rows());
    int width = Math.toIntExact(embeddings.shape().columns());
    int rows = Math.max(16, Math.min(MOST_ROWS, SCORE_ELEMENTS / vocabulary));
    long workers = host.workers().count();
    if (bounds.length < vocabulary) {
      bounds = new float[vocabulary];
    }
    return new Search(
        host,
        embeddings,
        vocabulary,
        width,
        largestNorm(embeddings),
        bounds,
        rows,
        host.workspace().floats("nearest_token_scores", workers * rows * vocabulary),
        host.workspace().floats("nearest_token_vectors", workers * rows * width));
  }

  /**
   * What all chunks share.
   *
   * @param largestNorm the largest Euclidean norm of an embedding
   * @param bounds g[t] of the tokens that occur
   * @param rows of a product with all embeddings
   * @param scores room for such a product for each worker
   * @param vectors room for its left side for each worker
   */
  record Search(
      HostRuntime host,
      HostTensor embeddings,
      int vocabulary,
      int width,
      double largestNorm,
      float[] bounds,
      int rows,
      HostTensor scores,
      HostTensor vectors) {

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

  private void findBounds(Search search, HostTensor tokens) {
    int count = Math.toIntExact(tokens.elementCount());
    tokens.get(0, distinct.keys(count), 0, count);
    distinct.build(count, search.vocabulary);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            distinct.groups(),
            search.rows,
            (from, to, worker) -> {
              FloatPointer source = search.embeddings.floats(0);
              FloatPointer target = search.vectors.floats(0);
              for (long group = from; group < to; group++) {
                source.position((long) distinct.key((int) group) * search.width);
                target.position(search.vectorsAt(worker) + (group - from) * search.width);
                host.blas().scopy(search.width, source, target);
              }
              target.position(search.vectorsAt(worker));
              search.multiply(target, (int) (to - from), search.scoresAt(worker));
              float[] row = host.tiles(worker).floats(0, search.vocabulary);
              for (long group = from; group < to; group++) {
                int token = distinct.key((int) group);
                long at = search.scoresAt(worker) + (group - from) * search.vocabulary;
                search.scores.get(at, row, 0, search.vocabulary);
                row[token] = Float.NEGATIVE_INFINITY;
                search.bounds[token] = vectors.max(row, 0, search.vocabulary);
              }
            });
  }
}
