// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import static org.mneme.compute.DType.BF16;
import static org.mneme.compute.DType.F32;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * Causal attention: by tensor cores for BF16 heads of width 16, 32, 64 and 128, else in F32
 * arithmetic.
 */
final class AttentionKernels {
  /** Queries, or keys, that a warp of the tensor core kernels owns. */
  private static final int STRIP = 16;

  private static final int FORWARD_WARPS = 8;
  private static final int KEY_WARPS = 4;

  /** Of the kernel that takes the whole gradient of short sequences: see attention_short.cu. */
  private static final int SHORT_HEAD_DIM = 16;

  private static final int SHORT_WARPS = 8;
  private static final int SHORT_WARP_ROWS = 64;
  private static final int SHORT_ROW_BYTES = 216;

  private final CudaRuntime cuda;
  private final GeneralAttention general;
  private final ResidentAttention resident;

  AttentionKernels(CudaRuntime cuda) {
    this.cuda = cuda;
    this.general = new GeneralAttention(cuda);
    this.resident = new ResidentAttention(cuda);
  }

  void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    String program = program(shape, qkv, out);
    if (program == null) {
      general.attention(qkv, shape, out, logSumExp);
      return;
    }
    if (resident.takes(shape)) {
      resident.attention(qkv, shape, out, logSumExp);
      return;
    }
    extents(queries(cuda.kernel(program, "attention", BF16), shape).tensor(qkv), shape)
        .tensor(out)
        .tensor(logSumExp)
        .run();
  }

  void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    String program = program(shape, dOut, qkv, out, dQkv);
    if (program == null) {
      general.attentionBackward(dOut, qkv, out, logSumExp, shape, dQkv);
      return;
    }
    if (isShort(shape)) {
      shortBackward(dOut, qkv, out, logSumExp, shape, dQkv);
      return;
    }
    long length = (shape.sequence() + STRIP - 1L) / STRIP * STRIP;
    try (Tensor shifts = cuda.scratch(F32, shape.batch(), shape.heads(), length);
        Tensor means = cuda.scratch(F32, shape.batch(), shape.heads(), length, 2)) {
      extents(
              queries(cuda.kernel(program, "attention_backward_queries", BF16), shape)
                  .tensor(dOut)
                  .tensor(qkv)
                  .tensor(out)
                  .tensor(logSumExp),
              shape)
          .tensor(shifts)
          .tensor(means)
          .tensor(dQkv)
          .run();
      extents(
              keys(cuda.kernel(program, "attention_backward_keys", BF16), shape)
                  .tensor(dOut)
                  .tensor(qkv)
                  .tensor(shifts)
                  .tensor(means),
              shape)
          .tensor(dQkv)
          .run();
    }
  }

  private boolean isShort(AttentionShape shape) {
    return shape.headDim() == SHORT_HEAD_DIM
        && shape.sequence() <= SHORT_WARPS * SHORT_WARP_ROWS
        && shortBytes(shape) <= cuda.sharedMemoryPerBlock();
  }

  private static int shortWarps(AttentionShape shape) {
    return (shape.sequence() + SHORT_WARP_ROWS - 1) / SHORT_WARP_ROWS;
  }

  private static int shortBytes(AttentionShape shape) {
    return SHORT_ROW_BYTES * SHORT_WARP_ROWS * shortWarps(shape) + 128;
  }

  private void shortBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    extents(
            cuda.kernel("attention_short", "attention_backward_short", BF16)
                .grid((long) shape.batch() * shape.keyValueHeads())
                .block(32 * shortWarps(shape))
                .shared(shortBytes(shape))
                .tensor(dOut)
                .tensor(qkv)
                .tensor(out)
                .tensor(logSumExp),
            shape)
        .tensor(dQkv)
        .run();
  }

  void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    general.attentionDecode(qkv, shape, keyCache, valueCache, firstPosition, out);
  }

  /** A block for every {@link #FORWARD_WARPS} strips of queries of a key head's group. */
  private static Launch queries(Launch launch, AttentionShape shape) {
    int group = shape.heads() / shape.keyValueHeads();
    long strips = (shape.sequence() + STRIP - 1L) / STRIP * group;
    return launch
        .grid(
            (long) shape.batch() * shape.keyValueHeads(),
            (strips + FORWARD_WARPS - 1) / FORWARD_WARPS,
            1)
        .block(32 * FORWARD_WARPS);
  }

  /** A warp owns two strips of narrow heads, one of wide ones: as the programs say. */
  private static Launch keys(Launch launch, AttentionShape shape) {
    int rows = KEY_WARPS * STRIP * (shape.headDim() <= 32 ? 2 : 1);
    return launch
        .grid(
            (long) shape.batch() * shape.keyValueHeads(), (shape.sequence() + rows - 1L) / rows, 1)
        .block(32 * KEY_WARPS);
  }

  static Launch extents(Launch launch, AttentionShape shape) {
    return launch
        .i32(shape.sequence())
        .i32(shape.heads())
        .i32(shape.keyValueHeads())
        .f32(scale(shape));
  }

  static float scale(AttentionShape shape) {
    return (float) (1 / Math.sqrt(shape.headDim()));
  }

  /** The tensor core program for these tensors, or null. */
  private String program(AttentionShape shape, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != BF16 || cuda.address(tensor) % 16 != 0) {
        return null;
      }
    }
    return switch (shape.headDim()) {
      case 16 -> "attention_16";
      case 32 -> "attention_32";
      case 64 -> "attention_64";
      case 128 -> "attention_128";
      default -> null;
    };
  }
}
