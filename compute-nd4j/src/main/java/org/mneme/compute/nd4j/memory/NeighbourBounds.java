// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;
import org.mneme.compute.nd4j.host.Workers;

/**
 * For each embedding the largest product with another one: g[t] = max over v ≠ t of ⟨E[t], E[v]⟩.
 *
 * <p>An update of many entries asks part by part with the same embeddings, so the answer is kept
 * with a copy of what it was computed from, and computed again when a bit of that differs.
 */
final class NeighbourBounds {
  /** Rows and columns of a block of the products; as they are symmetric, one half is enough. */
  private static final int BLOCK = 512;

  private static final int COMPARE_ELEMENTS = 1 << 14;

  private final HostRuntime host;
  private float[] bounds = new float[0];
  private int rows = -1;
  private int width = -1;

  NeighbourBounds(HostRuntime host) {
    this.host = host;
  }

  /** g of each row, to be read only; valid until the next call. */
  float[] of(HostTensor embeddings) {
    int newRows = Math.toIntExact(embeddings.shape().rows());
    int newWidth = Math.toIntExact(embeddings.shape().columns());
    HostTensor copy = host.workspace().floats("neighbour_copy", embeddings.elementCount());
    boolean known = newRows == rows && newWidth == width && equal(embeddings, copy);
    if (!known) {
      rows = newRows;
      width = newWidth;
      copy(embeddings, copy);
      compute(embeddings);
    }
    return bounds;
  }

  private boolean equal(HostTensor left, HostTensor right) {
    boolean[] equal = new boolean[chunks(left)];
    host.workers()
        .forRange(
            left.elementCount(),
            COMPARE_ELEMENTS,
            (from, to, worker) -> {
              int length = (int) (to - from);
              int[] a = host.tiles(worker).ints(0, length);
              int[] b = host.tiles(worker).ints(1, length);
              left.get(from, a, 0, length);
              right.get(from, b, 0, length);
              equal[(int) (from / COMPARE_ELEMENTS)] = Arrays.equals(a, 0, length, b, 0, length);
            });
    for (boolean part : equal) {
      if (!part) {
        return false;
      }
    }
    return true;
  }

  private static int chunks(HostTensor tensor) {
    return Math.toIntExact(Workers.chunks(tensor.elementCount(), COMPARE_ELEMENTS));
  }

  private void copy(HostTensor from, HostTensor to) {
    host.workers()
        .forRange(
            from.elementCount(),
            COMPARE_ELEMENTS,
            (first, end, worker) -> {
              int length = (int) (end - first);
              int[] tile = host.tiles(worker).ints(0, length);
              from.get(first, tile, 0, length);
              to.put(first, tile, 0, length);
            });
  }

  /** Each worker takes maxima over the blocks that fall to it; a maximum knows no order. */
  private void compute(HostTensor embeddings) {
    int workers = host.workers().count();
    float[][] maxima = new float[workers][rows];
    for (float[] part : maxima) {
      Arrays.fill(part, Float.NEGATIVE_INFINITY);
    }
    HostTensor products =
        host.workspace().floats("neighbour_products", (long) workers * BLOCK * BLOCK);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            BlockPair.count(rows),
            1,
            (number, end, worker) -> {
              BlockPair pair = BlockPair.of(number, rows);
              new Pair(embeddings, pair.rowStart(), pair.columnStart())
                  .maximise(products, worker, vectors, maxima[worker]);
            });
    bounds = maxima[0];
    for (float[] part : maxima) {
      for (int row = 0; row < rows; row++) {
        bounds[row] = Math.max(bounds[row], part[row]);
      }
    }
  }

  /**
   * The first rows of two blocks, of which the second is not before the first.
   *
   * @param rowStart of the first block
   * @param columnStart of the second block
   */
  record BlockPair(int rowStart, int columnStart) {
    /** Blocks of the rows; near 2^31 the sum is no int. */
    private static int blocks(int rows) {
      return (int) Workers.chunks(rows, BLOCK);
    }

    static long count(int rows) {
      int blocks = blocks(rows);
      return blocks * (blocks + 1L) / 2;
    }

    static BlockPair of(long number, int rows) {
      int blocks = blocks(rows);
      int low = 0;
      long left = number;
      while (left >= blocks - low) {
        left -= blocks - low++;
      }
      return new BlockPair(low * BLOCK, (low + (int) left) * BLOCK);
    }
  }

  /** The products of the embeddings of one block with those of another, or of the same. */
  private final class Pair {
    private final HostTensor embeddings;
    private final int rowStart;
    private final int columnStart;
    private final int height;
    private final int columns;

    Pair(HostTensor embeddings, int rowStart, int columnStart) {
      this.embeddings = embeddings;
      this.rowStart = rowStart;
      this.columnStart = columnStart;
      this.height = Math.min(BLOCK, rows - rowStart);
      this.columns = Math.min(BLOCK, rows - columnStart);
    }

    void maximise(HostTensor products, int worker, Vectors vectors, float[] maxima) {
      long at = (long) worker * BLOCK * BLOCK;
      multiply(products.floats(at));
      Tiles tiles = host.tiles(worker);
      float[] row = tiles.floats(0, columns);
      for (int i = 0; i < height; i++) {
        products.get(at + (long) i * columns, row, 0, columns);
        int self = rowStart + i - columnStart;
        if (self >= 0 && self < columns) {
          row[self] = Float.NEGATIVE_INFINITY;
        }
        maxima[rowStart + i] = Math.max(maxima[rowStart + i], vectors.max(row, 0, columns));
        for (int j = 0; j < columns; j++) {
          maxima[columnStart + j] = Math.max(maxima[columnStart + j], row[j]);
        }
      }
    }

    private void multiply(FloatPointer products) {
      FloatPointer left = embeddings.floats((long) rowStart * width);
      FloatPointer right = embeddings.floats((long) columnStart * width);
      host.blas()
          .sgemm(
              false, true, height, columns, width, 1f, left, width, right, width, 0f, products,
              columns);
    }
  }
}
