// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Mixes the entries read at a position by their weights: one pass over the rows each. */
final class FusionKernels {
  private static final String PROGRAM = "fusion";
  private static final int THREADS = 256;

  private final CudaRuntime cuda;

  FusionKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    if (z.elementCount() == 0) {
      return;
    }
    int dim = columns(q);
    int width = columns(reads);
    int pack = Math.min(Packs.largest(cuda, dim, q, z), Packs.largest(cuda, width, reads));
    cuda.kernel(PROGRAM, "concat_weighted_" + pack, q.dtype())
        .grid(q.shape().rows())
        .block(Grids.threads(z.shape().columns() / pack, THREADS))
        .tensor(q)
        .tensor(reads)
        .tensor(weights)
        .i32(dim)
        .i32(columns(weights))
        .i32(width)
        .tensor(z)
        .run();
  }

  void concatWeightedBackward(
      Tensor dz,
      Tensor z,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dReads,
      Tensor dLogWeights) {
    if (dz.elementCount() == 0) {
      return;
    }
    int dim = columns(dq);
    int width = columns(dReads);
    int slots = columns(weights);
    int pack = Math.min(Packs.largest(cuda, dim, dz, z, dq), Packs.perWarp(cuda, width, dReads));
    cuda.kernel(PROGRAM, "concat_weighted_backward_" + pack, dz.dtype())
        .grid(Grids.ofWarps(dq.shape().rows() * (slots + 1L), THREADS))
        .block(THREADS)
        .tensor(dz)
        .tensor(z)
        .tensor(weights)
        .i64(dq.shape().rows())
        .i32(dim)
        .i32(slots)
        .i32(width)
        .i32(mode == Accumulation.ADD ? 1 : 0)
        .tensor(dq)
        .tensor(dReads)
        .tensor(dLogWeights)
        .run();
  }

  void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    if (out.elementCount() == 0) {
      return;
    }
    int width = columns(out);
    int pack = Packs.largest(cuda, width, reads, out);
    int shift = Packs.shift(width / pack);
    cuda.kernel(PROGRAM, "weighted_sum_" + pack, reads.dtype())
        .grid(Grids.groups(out.shape().rows() << shift, THREADS))
        .block(THREADS)
        .tensor(reads)
        .tensor(weights)
        .i64(out.shape().rows())
        .i32(columns(weights))
        .i32(width)
        .i32(shift)
        .tensor(out)
        .run();
  }

  void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    if (weights.elementCount() == 0) {
      return;
    }
    int width = columns(dOut);
    int pack = Packs.perWarp(cuda, width, reads, dOut, dReads);
    cuda.kernel(PROGRAM, "weighted_sum_backward_" + pack, reads.dtype())
        .grid(Grids.ofWarps(weights.elementCount(), THREADS))
        .block(THREADS)
        .tensor(dOut)
        .tensor(reads)
        .tensor(weights)
        .i64(weights.elementCount())
        .i32(columns(weights))
        .i32(width)
        .tensor(dReads)
        .tensor(dLogWeights)
        .run();
  }

  private static int columns(Tensor tensor) {
    return Grids.extent(tensor.shape().columns());
  }
}
