// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/** Lets entries take the tokens that followed a position that selected them. */
final class EpisodicTokens {
  private static final String PROGRAM = "episodic";
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  private final CudaRuntime cuda;

  EpisodicTokens(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /** Which groups may take which tokens. */
  record Groups(Tensor order, Tensor entries, Tensor starts, int count, int slots) {}

  void update(
      Groups groups,
      Tensor inputIds,
      float probability,
      int excludedToken,
      long seed,
      Tensor bank) {
    int positions = Grids.extent(inputIds.elementCount());
    if (groups.count == 0 || positions == 0) {
      return;
    }
    int places = Grids.extent(bank.shape().columns());
    try (Tensor candidates = cuda.scratch(DType.I32, positions)) {
      cuda.kernel(PROGRAM, "episodic_candidates_i32")
          .grid((positions + THREADS - 1L) / THREADS)
          .block(THREADS)
          .tensor(inputIds)
          .i32(positions)
          .i32(Grids.extent(inputIds.shape().columns()))
          .i32(places)
          .i32(excludedToken)
          .tensor(candidates)
          .run();
      cuda.kernel(PROGRAM, "episodic_tokens_i32")
          .grid((groups.count + WARPS - 1L) / WARPS)
          .block(THREADS)
          .tensor(groups.order)
          .tensor(groups.entries)
          .tensor(groups.starts)
          .i32(groups.count)
          .tensor(inputIds)
          .tensor(candidates)
          .i32(positions)
          .i32(groups.slots)
          .i32(places)
          .f32(probability)
          .i64(seed)
          .tensor(bank)
          .run();
    }
  }
}
