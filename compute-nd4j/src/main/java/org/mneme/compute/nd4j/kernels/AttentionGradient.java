// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.Blas;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * The gradient of one head of causal attention, by blocks of queries as in the forward: P from the
 * scores and their log-sum-exp, dP = dO·Vᵀ, dS = scale·P ⊙ (dP − ⟨dO, O⟩), dV += Pᵀ·dO, dK +=
 * dSᵀ·Q, dQ = dS·K (Dao et al. 2022, algorithm 4).
 */
final class AttentionGradient {
  private final AttentionBlocks blocks;
  private final AttentionBlocks.Extents extents;
  private final Strided q;
  private final Strided k;
  private final Strided v;
  private final Strided dOut;
  private final Strided dq;
  private final Strided dk;
  private final Strided dv;

  AttentionGradient(
      AttentionBlocks blocks,
      AttentionBlocks.Extents extents,
      Strided q,
      Strided k,
      Strided v,
      Strided dOut,
      Strided dq,
      Strided dk,
      Strided dv) {
    this.blocks = blocks;
    this.extents = extents;
    this.q = q;
    this.k = k;
    this.v = v;
    this.dOut = dOut;
    this.dq = dq;
    this.dk = dk;
    this.dv = dv;
  }

  /**
   * Computes the gradient.
   *
   * @param first whether dK and dV hold nothing yet
   * @param logSumExp of the scores, the head's from {@code at} on
   * @param products ⟨dO, O⟩, likewise
   * @param scores scratch
   * @param gradients scratch
   */
  void run(
      boolean first,
      HostTensor logSumExp,
      HostTensor products,
      long at,
      Strided scores,
      Strided gradients,
      Tiles tiles) {
    int queries = extents.queries();
    float[] sums = tiles.floats(2, queries);
    float[] rowProducts = tiles.floats(3, queries);
    logSumExp.get(at, sums, 0, queries);
    products.get(at, rowProducts, 0, queries);
    // The last block sees all keys, so that it is the one that overwrites their gradients.
    int last = (queries - 1) / AttentionBlocks.QUERIES * AttentionBlocks.QUERIES;
    for (int from = last; from >= 0; from -= AttentionBlocks.QUERIES) {
      blocks.products(q, k, extents, from, scores);
      blocks.products(dOut, v, extents, from, gradients);
      scoreGradients(from, scores, gradients, sums, rowProducts, tiles);
      accumulate(from, scores, gradients, first && from == last ? 0f : 1f);
    }
  }

  private void scoreGradients(
      int from, Strided scores, Strided gradients, float[] sums, float[] products, Tiles tiles) {
    Vectors vectors = blocks.vectors();
    int keys = extents.keys(from);
    float scale = extents.scale();
    AttentionBlocks.forTiles(
        extents.rows(from),
        keys,
        (first, rows) -> {
          int length = rows * keys;
          float[] p = tiles.floats(0, length);
          float[] d = tiles.floats(1, length);
          long offset = (long) first * keys;
          scores.tensor().get(scores.first() + offset, p, 0, length);
          gradients.tensor().get(gradients.first() + offset, d, 0, length);
          for (int row = 0; row < rows; row++) {
            int at = row * keys;
            int query = from + first + row;
            int seen = query + 1;
            vectors.expSum(p, at, scale, sums[query], seen);
            scoreGradient(p, d, at, products[query], scale, seen);
            Arrays.fill(p, at + seen, at + keys, 0f);
            Arrays.fill(d, at + seen, at + keys, 0f);
          }
          scores.tensor().put(scores.first() + offset, p, 0, length);
          gradients.tensor().put(gradients.first() + offset, d, 0, length);
        });
  }

  private static void scoreGradient(
      float[] p, float[] d, int at, float product, float scale, int n) {
    for (int i = at; i < at + n; i++) {
      d[i] = scale * p[i] * (d[i] - product);
    }
  }

  private void accumulate(int from, Strided scores, Strided gradients, float beta) {
    Blas blas = blocks.blas();
    int rows = extents.rows(from);
    int keys = extents.keys(from);
    int width = extents.headDim();
    blas.sgemm(
        true,
        false,
        keys,
        width,
        rows,
        1f,
        scores.row(0),
        keys,
        dOut.row(from),
        dOut.stride(),
        beta,
        dv.row(0),
        dv.stride());
    blas.sgemm(
        true,
        false,
        keys,
        width,
        rows,
        1f,
        gradients.row(0),
        keys,
        q.row(from),
        q.stride(),
        beta,
        dk.row(0),
        dk.stride());
    blas.sgemm(
        false,
        false,
        rows,
        width,
        keys,
        1f,
        gradients.row(0),
        keys,
        k.row(0),
        k.stride(),
        0f,
        dq.row(from),
        dq.stride());
  }
}
