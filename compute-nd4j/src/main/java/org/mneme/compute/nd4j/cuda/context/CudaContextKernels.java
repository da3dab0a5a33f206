// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.context;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/** The operations on contexts of a GPU; arguments are checked already. */
public final class CudaContextKernels implements ContextKernels {
  private static final String PROGRAM = "contexts";
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** Positions whose share of the gradient of biases a block sums up. */
  private static final int ROWS = 128;

  private final CudaRuntime cuda;

  /** Kernels that work with {@code cuda}. */
  public CudaContextKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  private Launch over(String kernel, long elements) {
    return cuda.kernel(PROGRAM, kernel).grid(Grids.groups(elements, THREADS)).block(THREADS);
  }

  private static int columns(Tensor tensor) {
    return Grids.extent(tensor.shape().columns());
  }

  @Override
  public void contextAddresses(
      Tensor ids, Tensor lengths, long entries, Tensor indices, Tensor tags) {
    if (indices.elementCount() > 0) {
      over("context_addresses", indices.elementCount())
          .tensor(ids)
          .tensor(lengths)
          .i64(indices.elementCount())
          .i32(columns(ids))
          .i32(columns(indices))
          .i64(entries)
          .tensor(indices)
          .tensor(tags)
          .run();
    }
  }

  @Override
  public void lookUpContexts(
      Tensor bank,
      Tensor owners,
      Tensor votes,
      Tensor origins,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      Tensor tokens,
      Tensor kinds) {
    if (indices.elementCount() > 0) {
      over("look_up_contexts", indices.elementCount())
          .tensor(bank)
          .tensor(owners)
          .tensor(votes)
          .tensor(origins)
          .tensor(indices)
          .tensor(tags)
          .tensor(sources)
          .i64(indices.elementCount())
          .i32(columns(indices))
          .i32(columns(bank))
          .tensor(tokens)
          .tensor(kinds)
          .run();
    }
  }

  @Override
  public void placeWeights(
      Tensor logits, Tensor kinds, Tensor bias, Tensor weights, Tensor slotWeights) {
    if (kinds.elementCount() > 0) {
      cuda.kernel(PROGRAM, "place_weights", logits.dtype())
          .grid(Grids.groups(kinds.elementCount(), THREADS))
          .block(THREADS)
          .tensor(logits)
          .tensor(kinds)
          .tensor(bias)
          .i64(kinds.elementCount())
          .i32(columns(kinds))
          .i32(columns(weights) / columns(kinds))
          .i32(columns(bias))
          .tensor(weights)
          .tensor(slotWeights)
          .run();
    }
  }

  @Override
  public void placeWeightsBackward(
      Tensor dLogWeights, Tensor kinds, Tensor weights, Tensor dLogits, Tensor dBias) {
    if (weights.elementCount() == 0) {
      return;
    }
    cuda.kernel(PROGRAM, "place_logit_gradient", dLogits.dtype())
        .grid(Grids.groups(weights.elementCount(), THREADS))
        .block(THREADS)
        .tensor(dLogWeights)
        .tensor(weights)
        .i64(weights.elementCount())
        .tensor(dLogits)
        .run();
    if (dBias != null) {
      addBiasGradient(dLogWeights, kinds, weights, dBias);
    }
  }

  private void addBiasGradient(Tensor dLogWeights, Tensor kinds, Tensor weights, Tensor dBias) {
    long rows = kinds.shape().rows();
    long blocks = Grids.groups(rows, ROWS);
    long size = dBias.elementCount();
    try (Tensor parts = cuda.scratch(DType.F32, blocks * size)) {
      cuda.kernel(PROGRAM, "place_bias_parts")
          .grid(Grids.groups(columns(weights), WARP), blocks, 1)
          .block(WARP)
          .tensor(dLogWeights)
          .tensor(kinds)
          .tensor(weights)
          .i64(rows)
          .i32(columns(kinds))
          .i32(columns(weights) / columns(kinds))
          .i32(columns(dBias))
          .tensor(parts)
          .run();
      over("place_bias_sum", size)
          .tensor(parts)
          .i32(Grids.extent(blocks))
          .i32(Grids.extent(size))
          .tensor(dBias)
          .run();
    }
  }

  @Override
  public void rememberContexts(
      Tensor ids,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      int firstRow,
      int mostVotes,
      int excludedToken,
      Tensor latest,
      Tensor bank,
      Tensor owners,
      Tensor votes,
      Tensor origins) {
    if (indices.elementCount() == 0) {
      return;
    }
    over("latest_contexts", indices.elementCount())
        .tensor(ids)
        .tensor(indices)
        .i64(indices.elementCount())
        .i32(columns(ids))
        .i32(columns(indices))
        .i32(columns(bank))
        .i32(firstRow)
        .i32(excludedToken)
        .tensor(latest)
        .run();
    over("remember_contexts", indices.elementCount())
        .tensor(ids)
        .tensor(indices)
        .tensor(tags)
        .tensor(sources)
        .i64(indices.elementCount())
        .i32(columns(indices))
        .i32(columns(bank))
        .i32(mostVotes)
        .tensor(latest)
        .tensor(bank)
        .tensor(owners)
        .tensor(votes)
        .tensor(origins)
        .run();
  }
}
