// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Reads entries that are token ids: each the mean of its tokens' embeddings. */
final class TokenDecoder {
  private static final int THREADS = 256;

  /** Of a multiprocessor: all that can run at once, so that every warp reads several entries. */
  private static final int BLOCKS = 8;

  private final CudaRuntime cuda;
  private final RowKernels rows;
  private final KeySort sort;
  private final SegmentSum segments;

  TokenDecoder(CudaRuntime cuda, RowKernels rows, KeySort sort, SegmentSum segments) {
    this.cuda = cuda;
    this.rows = rows;
    this.sort = sort;
    this.segments = segments;
  }

  void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    if (out.elementCount() == 0) {
      return;
    }
    long count = indices.elementCount();
    int width = Grids.extent(embeddings.shape().columns());
    int pack = Packs.perWarp(cuda, width, embeddings, out);
    cuda.kernel("tokens", "decode_tokens_" + pack, embeddings.dtype())
        .grid(Math.min(Grids.ofWarps(count, THREADS), (long) BLOCKS * cuda.multiprocessors()))
        .block(THREADS)
        .tensor(embeddings)
        .tensor(bank)
        .tensor(indices)
        .i64(count)
        .i32(Grids.extent(bank.shape().columns()))
        .i32(width)
        .tensor(out)
        .run();
  }

  /** Sorts the tokens of all reads, so that each token's gradient is one sum. */
  void decodeTokenMemoryBackward(Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    int places = Grids.extent(bank.shape().columns());
    long count = indices.elementCount() * places;
    if (dOut.elementCount() == 0 || count == 0) {
      return;
    }
    try (Tensor tokens = cuda.scratch(DType.I32, indices.elementCount(), places);
        Tensor order = cuda.scratch(DType.I32, count);
        Tensor keys = cuda.scratch(DType.I32, count)) {
      rows.gatherRows(bank, indices, tokens);
      sort.sort(tokens, dEmbeddings.shape().rows(), order, keys);
      segments.add(
          SelectedRows.repeated(dOut, places, null), order, keys, 1f / places, dEmbeddings);
    }
  }
}
