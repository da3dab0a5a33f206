// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import static org.mneme.compute.DType.BF16;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;

/**
 * Causal attention of BF16 heads of width 16 that lie at multiples of 16 bytes, for sequences so
 * short that a block holds all keys and values of a head: see attention_resident.cu.
 */
final class ResidentAttention {
  private static final int HEAD_DIM = 16;
  private static final int STRIP = 16;
  private static final int UNIT_HEADS = 2;
  private static final int WARPS = 8;

  /** More keys and values would leave too few blocks on a multiprocessor. */
  private static final int MAX_SEQUENCE = 1024;

  /** Keys and values of a position. */
  private static final int ROW_BYTES = 64;

  private final CudaRuntime cuda;

  ResidentAttention(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  boolean takes(AttentionShape shape) {
    return shape.headDim() == HEAD_DIM
        && shape.sequence() <= MAX_SEQUENCE
        && bytes(shape) <= cuda.sharedMemoryPerBlock();
  }

  /** As many blocks for a key head as fill the device, but none with less than a unit a warp. */
  void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    long owners = (long) shape.batch() * shape.keyValueHeads();
    int group = shape.heads() / shape.keyValueHeads();
    long units = (long) strips(shape) * group / UNIT_HEADS;
    long split = Math.min(units / WARPS, 2L * cuda.multiprocessors() / owners);
    AttentionKernels.extents(
            cuda.kernel("attention_resident", "attention_resident", BF16)
                .grid(owners, Math.max(1, split), 1)
                .block(32 * WARPS)
                .shared(bytes(shape))
                .tensor(qkv),
            shape)
        .tensor(out)
        .tensor(logSumExp)
        .run();
  }

  private static int strips(AttentionShape shape) {
    return (shape.sequence() + STRIP - 1) / STRIP;
  }

  private static int bytes(AttentionShape shape) {
    return ROW_BYTES * STRIP * strips(shape);
  }
}
