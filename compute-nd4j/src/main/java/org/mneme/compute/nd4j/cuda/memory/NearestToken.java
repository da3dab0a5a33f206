// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/**
 * Finds the nearest token of every place of many entries. The products of features and embeddings
 * are taken chunk by chunk, so that their scores are still in the cache when they are looked at;
 * what they mean and how few of them are looked at closely is told in {@code nearest.cu}.
 */
final class NearestToken {
  private static final String PROGRAM = "nearest";

  /** Of the program. */
  private static final int WARPS = 8;

  private static final int SEGMENT = 8;

  /** Largest scores of segments that a block keeps; a multiple of any block by place. */
  private static final int MOST_MAXIMA = 1 << 12;

  /** Tokens of which all products with each other are kept at most: a gigabyte. */
  private static final int MOST_GRAM_ROWS = 1 << 14;

  /** Rows and columns of the result that a multiprocessor works on in a matrix product. */
  private static final int TILE_ROWS = 128;

  private static final int TILE_COLUMNS = 256;

  /** How often each multiprocessor gets such a tile: more would not fit the cache. */
  private static final int WAVES = 4;

  /** Bounds the rounding of a sum of n products, in f32 or on a tensor core: (2n + 16) of these. */
  private static final double ACCUMULATION = 0x1p-23;

  private final CudaRuntime cuda;

  NearestToken(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void find(Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    if (tokens.elementCount() == 0) {
      return;
    }
    long vocabulary = embeddings.shape().rows();
    boolean byPlace = isByPlace(tokens, vocabulary);
    long gramRows = byPlace ? 0 : vocabulary;
    Search search = new Search(embeddings, tokens, keep, features, byPlace);
    try (Tensor longest = cuda.scratch(DType.F32, 1);
        Tensor gram = cuda.scratch(DType.F32, gramRows, gramRows);
        Tensor bounds = cuda.scratch(DType.F32, gramRows)) {
      findLongest(embeddings, longest);
      if (!byPlace) {
        findBounds(embeddings, gram, bounds);
      }
      Known known = new Known(byPlace ? null : gram, byPlace ? null : bounds, longest);
      findAll(search, known, out);
    }
  }

  /**
   * Whether each place gets its own scores, which takes as many products as there are places;
   * otherwise the places of an entry share them, which takes the products of all tokens with each
   * other.
   */
  private static boolean isByPlace(Tensor tokens, long vocabulary) {
    return tokens.shape().columns() == 1
        || vocabulary > MOST_GRAM_ROWS
        || 4 * tokens.elementCount() < vocabulary;
  }

  /** What is looked for. */
  private record Search(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, boolean byPlace) {
    int vocabulary() {
      return Grids.extent(embeddings.shape().rows());
    }

    int width() {
      return Grids.extent(embeddings.shape().columns());
    }

    int places() {
      return Grids.extent(tokens.shape().columns());
    }

    /** Rows of scores. */
    long rows() {
      return byPlace ? tokens.elementCount() : tokens.shape().rows();
    }
  }

  /** What is known of the embeddings. */
  private record Known(Tensor gram, Tensor bounds, Tensor longest) {}

  private void findLongest(Tensor embeddings, Tensor longest) {
    int rows = Grids.extent(embeddings.shape().rows());
    cuda.zero(longest);
    cuda.kernel(PROGRAM, "largest_norm", embeddings.dtype())
        .grid((rows + WARPS - 1L) / WARPS)
        .block(WARPS * 32)
        .tensor(embeddings)
        .i32(rows)
        .i32(Grids.extent(embeddings.shape().columns()))
        .tensor(longest)
        .run();
  }

  private void findBounds(Tensor embeddings, Tensor gram, Tensor bounds) {
    int rows = Grids.extent(embeddings.shape().rows());
    cuda.matrix().gemm(false, true, 1f, embeddings, embeddings, 0f, gram);
    cuda.kernel(PROGRAM, "neighbour_bounds_f32")
        .grid(rows)
        .block(WARPS * 32)
        .tensor(gram)
        .i32(rows)
        .tensor(bounds)
        .run();
  }

  private void findAll(Search search, Known known, Tensor out) {
    long most = Math.min(search.rows(), chunkRows(search.vocabulary()));
    DType dtype = search.embeddings.dtype();
    try (Tensor left = cuda.scratch(dtype, most, search.width());
        Tensor scores = cuda.scratch(dtype, most, search.vocabulary());
        Tensor norms = cuda.scratch(DType.F32, most, 2)) {
      for (long from = 0; from < search.rows(); from += most) {
        int rows = (int) Math.min(most, search.rows() - from);
        Tensor chunkLeft = left.rows(0, rows);
        Tensor chunkScores = scores.rows(0, rows);
        prepare(search, from, rows, chunkLeft, norms);
        cuda.matrix().gemm(false, true, 1f, chunkLeft, search.embeddings, 0f, chunkScores);
        findChunk(search, known, from, new Scores(chunkScores, norms), out);
      }
    }
  }

  /** Rows whose product with the embeddings keeps all multiprocessors at work to its end. */
  private long chunkRows(int vocabulary) {
    int tilesOfRow = (vocabulary + TILE_COLUMNS - 1) / TILE_COLUMNS;
    return (long) TILE_ROWS * Math.max(1, WAVES * cuda.multiprocessors() / tilesOfRow);
  }

  /** The scores of some rows, and the norms that their errors are told from. */
  private record Scores(Tensor scores, Tensor norms) {}

  private void prepare(Search search, long from, int rows, Tensor left, Tensor norms) {
    cuda.kernel(PROGRAM, "prepare_rows", search.embeddings.dtype())
        .grid((rows + WARPS - 1L) / WARPS)
        .block(WARPS * 32)
        .tensor(search.embeddings)
        .tensor(search.tokens)
        .tensor(search.keep)
        .tensor(search.features)
        .i32(search.vocabulary())
        .i32(search.width())
        .i32(search.places())
        .i32(search.byPlace ? 1 : 0)
        .i64(from)
        .i32(rows)
        .tensor(left)
        .tensor(norms)
        .run();
  }

  private void findChunk(Search search, Known known, long from, Scores scores, Tensor out) {
    int warps = search.byPlace ? 1 : Math.min(WARPS, search.places());
    int segments = (search.vocabulary() + SEGMENT - 1) / SEGMENT;
    boolean half = search.embeddings.dtype() == DType.BF16;
    cuda.kernel(PROGRAM, "nearest_tokens", search.embeddings.dtype())
        .grid(scores.scores.shape().rows())
        .block(warps * 32)
        .shared(Math.min(segments, MOST_MAXIMA) * Float.BYTES)
        .tensor(search.embeddings)
        .tensor(search.tokens)
        .tensor(search.keep)
        .tensor(search.features)
        .i32(search.vocabulary())
        .i32(search.width())
        .i32(search.places())
        .tensor(scores.scores)
        .tensor(known.gram)
        .tensor(known.bounds)
        .tensor(scores.norms)
        .tensor(known.longest)
        .f32((float) ((2.0 * search.width() + 16) * ACCUMULATION))
        .f32(half ? 0x1p-9f : 0f)
        .i32(search.vocabulary() % SEGMENT == 0 ? 1 : 0)
        .i64(from)
        .tensor(out)
        .run();
  }
}
