// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Workers;

/**
 * Sums over many elements or rows: one partial sum for each chunk of fixed size, added in the order
 * of the chunks, so that the result does not depend on the number of threads.
 */
final class ChunkSums {
  private static final int TILE = 8192;

  /** Column sums have at most this many partial sums each. */
  private static final int MOST_CHUNKS = 64;

  private static final int LEAST_ROWS = 32;

  /** The first of the slots that the tasks of column sums must leave alone. */
  private static final int SLOT = 12;

  private final HostRuntime host;

  ChunkSums(HostRuntime host) {
    this.host = host;
  }

  /** The sum over one tile. */
  @FunctionalInterface
  interface TileSum {
    float of(float[] tile, int length);
  }

  /** Σ over the tiles of {@code x}. */
  double overTiles(HostTensor x, TileSum sum) {
    long elements = x.elementCount();
    double[] partial = new double[Math.toIntExact(Workers.chunks(elements, TILE))];
    host.workers()
        .forRange(
            elements,
            TILE,
            (from, to, worker) -> {
              float[] tile = host.tiles(worker).floats(0, TILE);
              int length = (int) (to - from);
              x.get(from, tile, 0, length);
              partial[(int) (from / TILE)] = sum.of(tile, length);
            });
    double total = 0;
    for (double part : partial) {
      total += part;
    }
    return total;
  }

  /** Adds some rows to sums by column. */
  @FunctionalInterface
  interface RowsTask {
    /**
     * Adds rows {@code from} (inclusive) to {@code to} (exclusive).
     *
     * @param sums start with zeros
     */
    void run(long from, long to, int worker, float[][] sums);
  }

  /**
   * Sums by column.
   *
   * @param name of the operation, for its scratch buffer
   * @param rows number of rows
   * @param width length of each vector of sums
   * @param count how many vectors of sums, 1 to 4
   * @param task adds rows; leaves slots 12 to 15 of the tiles alone
   */
  double[][] overRows(String name, long rows, int width, int count, RowsTask task) {
    long grain = Math.max(LEAST_ROWS, Workers.chunks(rows, MOST_CHUNKS));
    int chunks = (int) Workers.chunks(rows, grain);
    HostTensor partial = host.workspace().floats(name, (long) chunks * count * width);
    host.workers()
        .forRange(
            rows,
            grain,
            (from, to, worker) -> {
              float[][] sums = new float[count][];
              for (int i = 0; i < count; i++) {
                sums[i] = host.tiles(worker).floats(SLOT + i, width);
                Arrays.fill(sums[i], 0, width, 0f);
              }
              task.run(from, to, worker, sums);
              for (int i = 0; i < count; i++) {
                partial.put((from / grain * count + i) * width, sums[i], 0, width);
              }
            });
    double[][] totals = new double[count][width];
    float[] part = host.tiles(0).floats(SLOT, width);
    for (int i = 0; i < chunks * count; i++) {
      partial.get((long) i * width, part, 0, width);
      add(part, totals[i % count]);
    }
    return totals;
  }

  private static void add(float[] part, double[] totals) {
    for (int i = 0; i < totals.length; i++) {
      totals[i] += part[i];
    }
  }

  /** target += totals, rounded once. */
  void addTo(HostTensor target, double[] totals) {
    int width = totals.length;
    float[] tile = host.tiles(0).floats(SLOT, width);
    target.get(0, tile, 0, width);
    for (int i = 0; i < width; i++) {
      tile[i] = (float) (tile[i] + totals[i]);
    }
    target.put(0, tile, 0, width);
  }
}
