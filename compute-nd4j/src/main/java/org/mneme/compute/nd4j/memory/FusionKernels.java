// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** Mixes the entries read at a position by their weights: one pass over the rows each. */
final class FusionKernels {
  /** Elements of a chunk: a few microseconds of work. */
  private static final int CHUNK_ELEMENTS = 1 << 15;

  private final HostRuntime host;

  FusionKernels(HostRuntime host) {
    this.host = host;
  }

  void concatWeighted(HostTensor q, HostTensor reads, HostTensor weights, HostTensor z) {
    int dim = Math.toIntExact(q.shape().columns());
    int slots = Math.toIntExact(weights.shape().columns());
    int width = Math.toIntExact(reads.shape().columns());
    int row = Math.addExact(dim, Math.multiplyExact(slots, width));
    host.workers()
        .forRange(
            q.shape().rows(),
            grain(row),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] tile = tiles.floats(0, row);
              float[] w = tiles.floats(1, slots);
              for (long r = from; r < to; r++) {
                weights.get(r * slots, w, 0, slots);
                q.get(r * dim, tile, 0, dim);
                reads.get(r * slots * width, tile, dim, slots * width);
                for (int s = 0; s < slots; s++) {
                  int at = dim + s * width;
                  Loops.scale(w[s], tile, at, tile, at, width);
                }
                z.put(r * row, tile, 0, row);
              }
            });
  }

  void concatWeightedBackward(
      HostTensor dz,
      HostTensor z,
      HostTensor weights,
      Accumulation mode,
      HostTensor dq,
      HostTensor dReads,
      HostTensor dLogWeights) {
    int dim = Math.toIntExact(dq.shape().columns());
    int slots = Math.toIntExact(weights.shape().columns());
    int width = Math.toIntExact(dReads.shape().columns());
    int row = Math.addExact(dim, Math.multiplyExact(slots, width));
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            dq.shape().rows(),
            grain(row),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] gradient = tiles.floats(0, row);
              float[] forward = tiles.floats(1, row);
              float[] w = tiles.floats(2, slots);
              float[] d = tiles.floats(3, slots);
              for (long r = from; r < to; r++) {
                weights.get(r * slots, w, 0, slots);
                dz.get(r * row, gradient, 0, row);
                z.get(r * row + dim, forward, dim, slots * width);
                for (int s = 0; s < slots; s++) {
                  int at = dim + s * width;
                  d[s] = vectors.dot(gradient, at, forward, at, width);
                  Loops.scale(w[s], gradient, at, gradient, at, width);
                }
                dReads.put(r * slots * width, gradient, dim, slots * width);
                dLogWeights.put(r * slots, d, 0, slots);
                if (mode == Accumulation.ADD) {
                  dq.get(r * dim, forward, 0, dim);
                  Loops.axpy(1f, forward, 0, gradient, 0, dim);
                }
                dq.put(r * dim, gradient, 0, dim);
              }
            });
  }

  void weightedSum(HostTensor reads, HostTensor weights, HostTensor out) {
    int slots = Math.toIntExact(weights.shape().columns());
    int width = Math.toIntExact(out.shape().columns());
    host.workers()
        .forRange(
            out.shape().rows(),
            grain(slots * width),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] tile = tiles.floats(0, slots * width);
              float[] w = tiles.floats(1, slots);
              for (long r = from; r < to; r++) {
                weights.get(r * slots, w, 0, slots);
                reads.get(r * slots * width, tile, 0, slots * width);
                Loops.scale(w[0], tile, 0, tile, 0, width);
                for (int s = 1; s < slots; s++) {
                  Loops.axpy(w[s], tile, s * width, tile, 0, width);
                }
                out.put(r * width, tile, 0, width);
              }
            });
  }

  void weightedSumBackward(
      HostTensor dOut,
      HostTensor reads,
      HostTensor weights,
      HostTensor dReads,
      HostTensor dLogWeights) {
    int slots = Math.toIntExact(weights.shape().columns());
    int width = Math.toIntExact(dOut.shape().columns());
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            dOut.shape().rows(),
            grain(slots * width),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] gradient = tiles.floats(0, width);
              float[] tile = tiles.floats(1, slots * width);
              float[] w = tiles.floats(2, slots);
              for (long r = from; r < to; r++) {
                weights.get(r * slots, w, 0, slots);
                dOut.get(r * width, gradient, 0, width);
                reads.get(r * slots * width, tile, 0, slots * width);
                for (int s = 0; s < slots; s++) {
                  float weight = w[s];
                  w[s] = weight * vectors.dot(gradient, 0, tile, s * width, width);
                  Loops.scale(weight, gradient, 0, tile, s * width, width);
                }
                dReads.put(r * slots * width, tile, 0, slots * width);
                dLogWeights.put(r * slots, w, 0, slots);
              }
            });
  }

  /** Small; summed in double precision by the caller's thread. */
  void balanceLoss(HostTensor share, HostTensor meanProbability, float factor, HostTensor out) {
    int count = Math.toIntExact(share.elementCount());
    float[] f = host.tiles(0).floats(0, count);
    float[] p = host.tiles(0).floats(1, count);
    share.get(0, f, 0, count);
    meanProbability.get(0, p, 0, count);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) f[i] * p[i];
    }
    double loss = factor * 0.5 * share.shape().columns() * sum;
    out.putFloat(0, (float) (out.getFloat(0) + loss));
  }

  private static long grain(int rowElements) {
    return Math.max(1, CHUNK_ELEMENTS / Math.max(1, rowElements));
  }
}
