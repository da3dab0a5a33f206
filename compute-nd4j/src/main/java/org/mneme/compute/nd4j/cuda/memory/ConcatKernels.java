// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/**
 * Reads entries straight into the input of a fusion. Selections of token entries are sorted by
 * entry, so that what an entry costs is paid once for each run of its selections: a run lies within
 * a chunk of {@value #CHUNK} sorted selections, which a warp takes.
 */
final class ConcatKernels {
  private static final String GRADIENT = "concat_gradient";
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** Of the programs. */
  private static final int CHUNK = 32;

  private final CudaRuntime cuda;
  private final KeySort sort;
  private final SegmentSum segments;

  ConcatKernels(CudaRuntime cuda, KeySort sort, SegmentSum segments) {
    this.cuda = cuda;
    this.sort = sort;
    this.segments = segments;
  }

  private static int columns(Tensor tensor) {
    return Grids.extent(tensor.shape().columns());
  }

  private static long chunks(Tensor weights) {
    return (weights.elementCount() + CHUNK - 1) / CHUNK;
  }

  /** A warp for each chunk, and at least one. */
  private static long blocks(long chunks) {
    return Grids.ofWarps(Math.max(1, chunks), THREADS);
  }

  void tokens(
      Tensor q,
      Tensor embeddings,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor z,
      Tensor order) {
    if (z.elementCount() == 0) {
      return;
    }
    try (Tensor entries = cuda.scratch(DType.I32, indices.elementCount())) {
      sort.sort(indices, bank.shape().rows(), order, entries);
    }
    int dim = columns(q);
    int width = columns(embeddings);
    int pack = Math.min(Packs.largest(cuda, dim, q, z), Packs.perWarp(cuda, width, embeddings));
    cuda.kernel("concat_tokens", "concat_tokens_" + pack, q.dtype())
        .grid(blocks(chunks(weights)))
        .block(THREADS)
        .tensor(q)
        .tensor(embeddings)
        .tensor(bank)
        .tensor(indices)
        .tensor(weights)
        .tensor(order)
        .i64(q.shape().rows())
        .i32(dim)
        .i32(columns(weights))
        .i32(columns(bank))
        .i32(width)
        .tensor(z)
        .run();
  }

  void rows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    if (z.elementCount() == 0) {
      return;
    }
    int dim = columns(q);
    int width = columns(table);
    int pack = Math.min(Packs.largest(cuda, dim, q, z), Packs.largest(cuda, width, table));
    String source = table.dtype() == q.dtype() ? "" : "of_f32_";
    cuda.kernel("concat_rows", "concat_rows_" + source + pack, q.dtype())
        .grid(q.shape().rows())
        .block(Grids.threads(z.shape().columns() / pack, THREADS))
        .tensor(q)
        .tensor(table)
        .tensor(indices)
        .tensor(weights)
        .i32(dim)
        .i32(columns(weights))
        .i32(width)
        .tensor(z)
        .run();
  }

  /** The gradient of what was concatenated, and where those of q and of the weights go. */
  record Gradient(
      Tensor dz, Tensor z, Tensor weights, Accumulation mode, Tensor dq, Tensor dLogWeights) {
    int width() {
      return (columns(dz) - columns(dq)) / columns(weights);
    }
  }

  /** Selections sorted by entry, and the first run of each chunk of them. */
  private record Runs(Tensor order, Tensor indices, Tensor first) {}

  void rowsBackward(Gradient gradient, Tensor indices, Tensor dTable) {
    if (gradient.dz.elementCount() == 0) {
      return;
    }
    differentiate(gradient, new Runs(null, null, null), null);
    if (dTable == null) {
      return;
    }
    int dim = columns(gradient.dq);
    int slots = columns(gradient.weights);
    long row = columns(gradient.dz);
    try (Tensor order = cuda.scratch(DType.I32, indices.elementCount());
        Tensor keys = cuda.scratch(DType.I32, indices.elementCount())) {
      sort.sort(indices, dTable.shape().rows(), order, keys);
      SelectedRows parts =
          new SelectedRows(gradient.dz, dim, slots, row, gradient.width(), gradient.weights);
      segments.add(parts, order, keys, 1f, dTable);
    }
  }

  void tokensBackward(
      Gradient gradient, Tensor bank, Tensor indices, Tensor order, Tensor dEmbeddings) {
    long count = indices.elementCount();
    int places = columns(bank);
    if (gradient.dz.elementCount() == 0) {
      return;
    }
    if (dEmbeddings == null || count * places == 0) {
      differentiate(gradient, new Runs(null, null, null), null);
      return;
    }
    long chunks = chunks(gradient.weights);
    try (Tensor first = cuda.scratch(DType.I32, chunks + 1);
        Tensor sums = cuda.scratch(gradient.dz.dtype(), count, gradient.width());
        Tensor tokens = cuda.scratch(DType.I32, count * places);
        Tensor tokenOrder = cuda.scratch(DType.I32, count * places);
        Tensor sortedTokens = cuda.scratch(DType.I32, count * places)) {
      Runs runs = new Runs(order, indices, first);
      DeviceCount pairs = new DeviceCount(first, chunks, places);
      findRuns(runs, bank, tokens);
      differentiate(gradient, runs, sums);
      sort.sort(tokens, dEmbeddings.shape().rows(), tokenOrder, sortedTokens, pairs);
      SelectedRows parts = SelectedRows.repeated(sums, places, null);
      segments.add(parts, tokenOrder, sortedTokens, pairs, 1f / places, dEmbeddings);
    }
  }

  /** Counts the runs before each chunk, and lists the tokens of each run's entry. */
  private void findRuns(Runs runs, Tensor bank, Tensor tokens) {
    int count = Grids.extent(runs.indices.elementCount());
    long warps = runs.first.elementCount();
    cuda.kernel(GRADIENT, "count_runs_i32")
        .grid(Grids.ofWarps(warps, THREADS))
        .block(THREADS)
        .tensor(runs.order)
        .tensor(runs.indices)
        .i32(count)
        .tensor(runs.first)
        .run();
    sort.exclusiveScan(runs.first, runs.first);
    cuda.kernel(GRADIENT, "run_tokens_i32")
        .grid(Grids.ofWarps(warps, THREADS))
        .block(THREADS)
        .tensor(runs.order)
        .tensor(runs.indices)
        .i32(count)
        .tensor(runs.first)
        .tensor(bank)
        .i32(columns(bank))
        .tensor(tokens)
        .run();
  }

  /**
   * The gradients of q and of the weights.
   *
   * @param sums of the gradients of the reads of each run, weighted; null if not wanted
   */
  private void differentiate(Gradient gradient, Runs runs, Tensor sums) {
    int dim = columns(gradient.dq);
    int width = gradient.width();
    Tensor dz = gradient.dz;
    int pack =
        Math.min(
            Packs.largest(cuda, dim, dz, gradient.z, gradient.dq), Packs.perWarp(cuda, width, dz));
    boolean narrow = pack == 1 || (pack == 4 && width <= WARP * pack);
    int tiles = narrow ? 1 : 2;
    cuda.kernel(GRADIENT, "concat_gradient_" + pack + "x" + tiles, dz.dtype())
        .grid(blocks(chunks(gradient.weights)))
        .block(THREADS)
        .tensor(dz)
        .tensor(gradient.z)
        .tensor(gradient.weights)
        .tensor(runs.order)
        .tensor(runs.indices)
        .tensor(runs.first)
        .i64(dz.shape().rows())
        .i32(dim)
        .i32(columns(gradient.weights))
        .i32(width)
        .i32(gradient.mode == Accumulation.ADD ? 1 : 0)
        .tensor(gradient.dq)
        .tensor(sums)
        .tensor(gradient.dLogWeights)
        .run();
  }
}
