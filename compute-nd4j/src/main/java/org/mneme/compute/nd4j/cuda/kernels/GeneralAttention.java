// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import static org.mneme.compute.DType.F32;

import java.util.Locale;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/** Attention of heads of any width, in F32 arithmetic. */
final class GeneralAttention {
  private static final String PROGRAM = "attention_general";

  /** Queries, or keys, of a block of four warps. */
  private static final int ROWS = 16;

  /** Columns of a head whose sums a block keeps. */
  private static final int WINDOW = 256;

  private final CudaRuntime cuda;

  GeneralAttention(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void attention(Tensor qkv, AttentionShape shape, Tensor out, Tensor logSumExp) {
    Launch launch = tiles("attention", qkv.dtype(), shape, shape.heads()).tensor(qkv);
    extents(launch, shape).f32(AttentionKernels.scale(shape)).tensor(out).tensor(logSumExp).run();
  }

  void attentionBackward(
      Tensor dOut, Tensor qkv, Tensor out, Tensor logSumExp, AttentionShape shape, Tensor dQkv) {
    try (Tensor products = cuda.scratch(F32, shape.batch(), shape.heads(), shape.sequence())) {
      long count = shape.positions() * shape.heads();
      cuda.kernel(PROGRAM, "attention_products", dOut.dtype())
          .grid((count + 255) / 256)
          .block(256)
          .tensor(dOut)
          .tensor(out)
          .i32(shape.sequence())
          .i32(shape.heads())
          .i32(shape.headDim())
          .i64(count)
          .tensor(products)
          .run();
      gradient(
          tiles("attention_backward_queries", dOut.dtype(), shape, shape.heads()),
          dOut,
          qkv,
          logSumExp,
          products,
          shape,
          dQkv);
      gradient(
          tiles("attention_backward_keys", dOut.dtype(), shape, shape.keyValueHeads()),
          dOut,
          qkv,
          logSumExp,
          products,
          shape,
          dQkv);
    }
  }

  private static void gradient(
      Launch launch,
      Tensor dOut,
      Tensor qkv,
      Tensor logSumExp,
      Tensor products,
      AttentionShape shape,
      Tensor dQkv) {
    launch.tensor(dOut).tensor(qkv).tensor(logSumExp).tensor(products);
    extents(launch, shape).f32(AttentionKernels.scale(shape)).tensor(dQkv).run();
  }

  private Launch tiles(String kernel, DType type, AttentionShape shape, int heads) {
    // A tile of 32 padded rows, two sets of own rows, and the weights of 32 x 16 pairs.
    long floats = 32L * (shape.headDim() + 1) + 2L * ROWS * shape.headDim() + 32L * ROWS;
    if (floats * Float.BYTES > cuda.sharedMemoryPerBlock()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "attention on this GPU needs %d bytes of shared memory for headDim %d, of %d",
              floats * Float.BYTES,
              shape.headDim(),
              cuda.sharedMemoryPerBlock()));
    }
    return cuda.kernel(PROGRAM, kernel, type)
        .grid((long) shape.batch() * heads, (shape.sequence() + ROWS - 1L) / ROWS, windows(shape))
        .block(128)
        .shared((int) (floats * Float.BYTES));
  }

  void attentionDecode(
      Tensor qkv,
      AttentionShape shape,
      Tensor keyCache,
      Tensor valueCache,
      int firstPosition,
      Tensor out) {
    int capacity = Grids.extent(keyCache.shape().extent(1));
    Launch store = cuda.kernel("attention_decode", "attention_store", qkv.dtype());
    extents(store.grid(shape.positions()).block(256).tensor(qkv), shape)
        .i32(firstPosition)
        .i32(capacity)
        .tensor(keyCache)
        .tensor(valueCache)
        .run();
    Launch decode = cuda.kernel("attention_decode", "attention_decode", qkv.dtype());
    decode
        .grid(shape.positions(), shape.heads(), windows(shape))
        .block(256)
        .shared(shape.headDim() * Float.BYTES)
        .tensor(qkv);
    extents(decode, shape)
        .i32(firstPosition)
        .i32(capacity)
        .f32(AttentionKernels.scale(shape))
        .tensor(keyCache)
        .tensor(valueCache)
        .tensor(out)
        .run();
  }

  private static int windows(AttentionShape shape) {
    return (shape.headDim() + WINDOW - 1) / WINDOW;
  }

  private static Launch extents(Launch launch, AttentionShape shape) {
    return launch
        .i32(shape.sequence())
        .i32(shape.heads())
        .i32(shape.keyValueHeads())
        .i32(shape.headDim());
  }
}
