// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** Weighted sums of rows of a table. */
final class EmbeddingBag {
  /** Elements of a chunk: a few microseconds of work. */
  private static final int CHUNK_ELEMENTS = 1 << 15;

  private final HostRuntime host;
  private final InvertedIndex index = new InvertedIndex();

  EmbeddingBag(HostRuntime host) {
    this.host = host;
  }

  void sum(HostTensor table, HostTensor indices, HostTensor weights, HostTensor out) {
    int slots = columns(weights);
    int width = columns(out);
    host.workers()
        .forRange(
            out.shape().rows(),
            grain(slots * (long) width),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int[] at = tiles.ints(0, slots);
              float[] w = tiles.floats(0, slots);
              float[] read = tiles.floats(1, width);
              float[] sum = tiles.floats(2, width);
              for (long r = from; r < to; r++) {
                indices.get(r * slots, at, 0, slots);
                weights.get(r * slots, w, 0, slots);
                table.get((long) at[0] * width, read, 0, width);
                Loops.scale(w[0], read, 0, sum, 0, width);
                for (int s = 1; s < slots; s++) {
                  table.get((long) at[s] * width, read, 0, width);
                  Loops.axpy(w[s], read, 0, sum, 0, width);
                }
                out.put(r * width, sum, 0, width);
              }
            });
  }

  void weightGradient(
      HostTensor dOut,
      HostTensor table,
      HostTensor indices,
      HostTensor weights,
      HostTensor dLogWeights) {
    int slots = columns(weights);
    int width = columns(dOut);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            dOut.shape().rows(),
            grain(slots * (long) width),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int[] at = tiles.ints(0, slots);
              float[] w = tiles.floats(0, slots);
              float[] read = tiles.floats(1, width);
              float[] gradient = tiles.floats(2, width);
              for (long r = from; r < to; r++) {
                indices.get(r * slots, at, 0, slots);
                weights.get(r * slots, w, 0, slots);
                dOut.get(r * width, gradient, 0, width);
                for (int s = 0; s < slots; s++) {
                  table.get((long) at[s] * width, read, 0, width);
                  w[s] *= vectors.dot(gradient, 0, read, 0, width);
                }
                dLogWeights.put(r * slots, w, 0, slots);
              }
            });
  }

  /** In parallel over the distinct rows, so that each is summed by one thread in order. */
  void addTableGradient(
      HostTensor dOut, HostTensor indices, HostTensor weights, HostTensor dTable) {
    int count = Math.toIntExact(indices.elementCount());
    int slots = columns(weights);
    int width = columns(dOut);
    indices.get(0, index.keys(count), 0, count);
    index.build(count, dTable.shape().rows());
    host.workers()
        .forRange(
            index.groups(),
            grain(width),
            (from, to, worker) -> {
              FloatPointer source = dOut.floats(0);
              FloatPointer sum = dTable.floats(0);
              for (int group = (int) from; group < to; group++) {
                sum.position((long) index.key(group) * width);
                for (int i = index.start(group); i < index.start(group + 1); i++) {
                  int selection = index.member(i);
                  source.position((long) (selection / slots) * width);
                  host.blas().saxpy(width, weights.getFloat(selection), source, sum);
                }
              }
            });
  }

  private static int columns(HostTensor tensor) {
    return Math.toIntExact(tensor.shape().columns());
  }

  private static long grain(long rowElements) {
    return Math.max(1, CHUNK_ELEMENTS / Math.max(1, rowElements));
  }
}
