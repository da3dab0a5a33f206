// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/**
 * Attention over the entries of a position, for any type and extents: a warp takes a head of it, or
 * one of its entries.
 */
final class EntryAttention {
  private static final String PROGRAM = "entries";
  private static final int THREADS = 256;

  private final CudaRuntime cuda;
  private final TensorCoreEntryAttention tensorCores;

  EntryAttention(CudaRuntime cuda) {
    this.cuda = cuda;
    this.tensorCores = new TensorCoreEntryAttention(cuda);
  }

  void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    if (queries.elementCount() == 0 || weights.elementCount() == 0) {
      return;
    }
    if (tensorCores.fits(queries, weights, reads, out)) {
      tensorCores.forward(queries, reads, weights, scale, out, probabilities);
      return;
    }
    Extents e = Extents.of(queries, weights);
    int pack = pack(e, queries, reads, out);
    cuda.kernel(PROGRAM, "entry_attention_" + pack, queries.dtype())
        .grid(Grids.ofWarps(e.positions * e.heads, THREADS))
        .block(THREADS)
        .tensor(queries)
        .tensor(reads)
        .tensor(weights)
        .f32(scale)
        .i64(e.positions * e.heads)
        .i32(e.heads)
        .i32(e.slots)
        .i32(e.width)
        .tensor(out)
        .tensor(probabilities)
        .run();
  }

  void entryAttentionBackward(
      Tensor dOut,
      Tensor queries,
      Tensor reads,
      Tensor weights,
      float scale,
      Tensor probabilities,
      Tensor dQueries,
      Tensor dReads,
      Tensor dLogWeights) {
    if (queries.elementCount() == 0 || weights.elementCount() == 0) {
      return;
    }
    if (tensorCores.fits(queries, weights, dOut, reads, dQueries, dReads)) {
      tensorCores.backward(
          dOut, queries, reads, weights, scale, probabilities, dQueries, dReads, dLogWeights);
      return;
    }
    Extents e = Extents.of(queries, weights);
    int pack = Math.min(pack(e, dOut, queries, reads), pack(e, dQueries, dReads));
    try (Tensor dScores = cuda.scratch(DType.F32, e.positions, e.heads, e.slots)) {
      scoreGradients(e, pack, dOut, reads, probabilities, dScores);
      entryGradients(
          e, pack, dOut, queries, weights, scale, probabilities, dScores, dReads, dLogWeights);
      // Last, as it may overwrite the queries.
      queryGradients(e, pack, reads, dScores, scale, dQueries);
    }
  }

  private void scoreGradients(
      Extents e, int pack, Tensor dOut, Tensor reads, Tensor probabilities, Tensor dScores) {
    cuda.kernel(PROGRAM, "entry_score_gradients_" + pack, dOut.dtype())
        .grid(Grids.ofWarps(e.positions * e.heads, THREADS))
        .block(THREADS)
        .tensor(dOut)
        .tensor(reads)
        .tensor(probabilities)
        .i64(e.positions * e.heads)
        .i32(e.heads)
        .i32(e.slots)
        .i32(e.width)
        .tensor(dScores)
        .run();
  }

  private void entryGradients(
      Extents e,
      int pack,
      Tensor dOut,
      Tensor queries,
      Tensor weights,
      float scale,
      Tensor probabilities,
      Tensor dScores,
      Tensor dReads,
      Tensor dLogWeights) {
    cuda.kernel(PROGRAM, "entry_gradients_" + pack, dOut.dtype())
        .grid(Grids.ofWarps(e.positions * e.slots, THREADS))
        .block(THREADS)
        .tensor(dOut)
        .tensor(queries)
        .tensor(weights)
        .tensor(probabilities)
        .tensor(dScores)
        .f32(scale)
        .i64(e.positions * e.slots)
        .i32(e.heads)
        .i32(e.slots)
        .i32(e.width)
        .tensor(dReads)
        .tensor(dLogWeights)
        .run();
  }

  private void queryGradients(
      Extents e, int pack, Tensor reads, Tensor dScores, float scale, Tensor dQueries) {
    cuda.kernel(PROGRAM, "entry_query_gradients_" + pack, reads.dtype())
        .grid(Grids.ofWarps(e.positions * e.heads, THREADS))
        .block(THREADS)
        .tensor(reads)
        .tensor(dScores)
        .f32(scale)
        .i64(e.positions * e.heads)
        .i32(e.heads)
        .i32(e.slots)
        .i32(e.width)
        .tensor(dQueries)
        .run();
  }

  private int pack(Extents e, Tensor first, Tensor... others) {
    return Math.min(4, Packs.largest(cuda, e.width, first, others));
  }

  private record Extents(long positions, int heads, int slots, int width) {
    static Extents of(Tensor queries, Tensor weights) {
      return new Extents(
          queries.shape().extent(0),
          Grids.extent(queries.shape().extent(1)),
          Grids.extent(weights.shape().columns()),
          Grids.extent(queries.shape().columns()));
    }
  }
}
