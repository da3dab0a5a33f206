// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.Blas;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * Attention over the entries of a position: small matrix products for each position, and the
 * softmax between them on a tile of several positions.
 */
final class EntryAttention {
  private static final float LEAST_WEIGHT = 1e-9f;

  /** Positions of a chunk. */
  private static final int GRAIN = 32;

  private final HostRuntime host;

  EntryAttention(HostRuntime host) {
    this.host = host;
  }

  void attend(
      HostTensor queries,
      HostTensor reads,
      HostTensor weights,
      float scale,
      HostTensor out,
      HostTensor probabilities) {
    Extents e = new Extents(queries, weights);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            e.positions,
            GRAIN,
            (from, to, worker) -> {
              Positions at = new Positions(e, from, to);
              at.products(true, scale, queries, reads, probabilities);
              softmax(e, vectors, worker, weights, probabilities, from, (int) (to - from));
              at.products(false, 1f, probabilities, reads, out);
            });
  }

  private void softmax(
      Extents e,
      Vectors vectors,
      int worker,
      HostTensor weights,
      HostTensor probabilities,
      long from,
      int count) {
    int length = Math.multiplyExact(count, Math.multiplyExact(e.heads, e.slots));
    float[] p = host.tiles(worker).floats(0, length);
    float[] logs = host.tiles(worker).floats(1, count * e.slots);
    weights.get(from * e.slots, logs, 0, count * e.slots);
    for (int i = 0; i < count * e.slots; i++) {
      logs[i] = (float) Math.log(Math.max(logs[i], LEAST_WEIGHT));
    }
    probabilities.get(from * e.heads * e.slots, p, 0, length);
    for (int at = 0; at < length; at += e.slots) {
      int log = at / (e.heads * e.slots) * e.slots;
      float largest = Float.NEGATIVE_INFINITY;
      for (int s = 0; s < e.slots; s++) {
        p[at + s] += logs[log + s];
        largest = Math.max(largest, p[at + s]);
      }
      for (int s = at; s < at + e.slots; s++) {
        p[s] -= largest;
      }
    }
    vectors.expSum(p, 0, 1f, 0f, length);
    for (int at = 0; at < length; at += e.slots) {
      float sum = 0;
      for (int s = at; s < at + e.slots; s++) {
        sum += p[s];
      }
      Loops.scale(1 / sum, p, at, p, at, e.slots);
    }
    probabilities.put(from * e.heads * e.slots, p, 0, length);
  }

  void differentiate(
      HostTensor dOut,
      HostTensor queries,
      HostTensor reads,
      HostTensor weights,
      float scale,
      HostTensor probabilities,
      HostTensor dQueries,
      HostTensor dReads,
      HostTensor dLogWeights) {
    Extents e = new Extents(queries, weights);
    HostTensor dScores =
        host.workspace().floats("entry_attention", e.positions * e.heads * e.slots);
    host.workers()
        .forRange(
            e.positions,
            GRAIN,
            (from, to, worker) -> {
              Positions at = new Positions(e, from, to);
              at.products(true, 1f, dOut, reads, dScores);
              softmaxBackward(
                  e, worker, weights, probabilities, dScores, dLogWeights, from, (int) (to - from));
              at.readGradients(probabilities, dOut, dScores, queries, scale, dReads);
              // Last, as it may overwrite the queries.
              at.products(false, scale, dScores, reads, dQueries);
            });
  }

  private void softmaxBackward(
      Extents e,
      int worker,
      HostTensor weights,
      HostTensor probabilities,
      HostTensor dScores,
      HostTensor dLogWeights,
      long from,
      int count) {
    int length = Math.multiplyExact(count, Math.multiplyExact(e.heads, e.slots));
    float[] p = host.tiles(worker).floats(0, length);
    float[] d = host.tiles(worker).floats(1, length);
    float[] w = host.tiles(worker).floats(2, count * e.slots);
    float[] dLog = host.tiles(worker).floats(3, count * e.slots);
    probabilities.get(from * e.heads * e.slots, p, 0, length);
    dScores.get(from * e.heads * e.slots, d, 0, length);
    weights.get(from * e.slots, w, 0, count * e.slots);
    Arrays.fill(dLog, 0, count * e.slots, 0f);
    for (int at = 0; at < length; at += e.slots) {
      int log = at / (e.heads * e.slots) * e.slots;
      double mean = 0;
      double sum = 0;
      for (int s = at; s < at + e.slots; s++) {
        mean += (double) p[s] * d[s];
        sum += p[s];
      }
      // In double precision, and of probabilities that sum to exactly 1: where one of them is near
      // 1,
      // its gradient is a small difference of large numbers.
      mean /= sum;
      for (int s = 0; s < e.slots; s++) {
        d[at + s] = (float) (p[at + s] * (d[at + s] - mean));
        dLog[log + s] += d[at + s];
      }
    }
    for (int i = 0; i < count * e.slots; i++) {
      if (w[i] < LEAST_WEIGHT) {
        dLog[i] = 0;
      }
    }
    dScores.put(from * e.heads * e.slots, d, 0, length);
    dLogWeights.put(from * e.slots, dLog, 0, count * e.slots);
  }

  private static final class Extents {
    final long positions;
    final int heads;
    final int slots;
    final int width;

    Extents(HostTensor queries, HostTensor weights) {
      positions = queries.shape().extent(0);
      heads = Math.toIntExact(queries.shape().extent(1));
      slots = Math.toIntExact(weights.shape().columns());
      width = Math.toIntExact(queries.shape().columns());
    }
  }

  /** Products of the matrices of each position of a chunk. */
  private final class Positions {
    private final Extents e;
    private final long from;
    private final long to;
    private final Blas blas = host.blas();

    Positions(Extents e, long from, long to) {
      this.e = e;
      this.from = from;
      this.to = to;
    }

    /**
     * c = alpha·a·mᵀ with a [H, W], c [H, S]; or, if m is not transposed, c = alpha·a·m with a [H,
     * S], c [H, W]. m [S, W].
     */
    void products(
        boolean transposeReads, float alpha, HostTensor a, HostTensor reads, HostTensor c) {
      int inner = transposeReads ? e.width : e.slots;
      int columns = transposeReads ? e.slots : e.width;
      FloatPointer left = a.floats(0);
      FloatPointer right = reads.floats(0);
      FloatPointer result = c.floats(0);
      for (long r = from; r < to; r++) {
        left.position(r * e.heads * inner);
        right.position(r * e.slots * e.width);
        result.position(r * e.heads * columns);
        blas.sgemm(
            false,
            transposeReads,
            e.heads,
            columns,
            inner,
            alpha,
            left,
            inner,
            right,
            e.width,
            0f,
            result,
            columns);
      }
    }

    /** dm = pᵀ·dOut + scale·dScoresᵀ·queries. */
    void readGradients(
        HostTensor probabilities,
        HostTensor dOut,
        HostTensor dScores,
        HostTensor queries,
        float scale,
        HostTensor dReads) {
      addTransposed(probabilities, dOut, 1f, 0f, dReads);
      addTransposed(dScores, queries, scale, 1f, dReads);
    }

    private void addTransposed(
        HostTensor a, HostTensor b, float alpha, float beta, HostTensor dReads) {
      FloatPointer left = a.floats(0);
      FloatPointer right = b.floats(0);
      FloatPointer result = dReads.floats(0);
      for (long r = from; r < to; r++) {
        left.position(r * e.heads * e.slots);
        right.position(r * e.heads * e.width);
        result.position(r * e.slots * e.width);
        blas.sgemm(
            true, false, e.slots, e.width, e.heads, alpha, left, e.slots, right, e.width, beta,
            result, e.width);
      }
    }
  }
}
