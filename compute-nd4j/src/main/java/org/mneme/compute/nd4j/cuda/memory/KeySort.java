// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * Sorts positions by key, equal keys by position: the order in which sums over colliding indices
 * are taken. A radix sort that looks only at the bits that keys can have; its time grows with the
 * number of keys, not with their range. It can be captured.
 */
final class KeySort {
  private static final String PROGRAM = "sort";

  /** Of the program. */
  private static final int THREADS = 256;

  private static final int WARPS = THREADS / 32;
  private static final int TILE = THREADS * 8;

  /** With which the tables of a block still fit its shared memory, with room for other blocks. */
  private static final int MAX_DIGIT_BITS = 10;

  private final CudaRuntime cuda;

  KeySort(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /**
   * Sorts.
   *
   * @param keys [R] I32, each in 0 … keyLimit − 1 (any shape of R elements), or −1, which sorts
   *     last, where all others are in 0 … keyLimit − 2
   * @param keyLimit one more than the largest key that there may be
   * @param order positions in {@code keys}, by key and then ascending [R] I32
   * @param sortedKeys keys[order[i]] [R] I32; not {@code keys} itself
   */
  void sort(Tensor keys, long keyLimit, Tensor order, Tensor sortedKeys) {
    sort(keys, keyLimit, order, sortedKeys, null);
  }

  /**
   * Sorts the first of the keys; what lies behind them in the results is undefined.
   *
   * @param actual how many, at most R; null for all
   */
  void sort(Tensor keys, long keyLimit, Tensor order, Tensor sortedKeys, DeviceCount actual) {
    int count = Grids.extent(keys.elementCount());
    if (count == 0) {
      return;
    }
    int bits = Math.max(1, 64 - Long.numberOfLeadingZeros(Math.max(0, keyLimit - 1)));
    int passes = (bits + MAX_DIGIT_BITS - 1) / MAX_DIGIT_BITS;
    int digitBits = (bits + passes - 1) / passes;
    int spare = passes > 1 ? count : 0;
    long tiles = tiles(count);
    try (Tensor counts = cuda.scratch(DType.I32, tiles << digitBits);
        Tensor totals = cuda.scratch(DType.I32, 1L << digitBits);
        Tensor spareKeys = cuda.scratch(DType.I32, spare);
        Tensor spareOrder = cuda.scratch(DType.I32, spare)) {
      Tensor fromKeys = keys;
      Tensor fromOrder = null;
      for (int pass = 0; pass < passes; pass++) {
        // The passes take turns, so that the last one writes the result.
        boolean toResult = (passes - pass) % 2 == 1;
        Tensor toKeys = toResult ? sortedKeys : spareKeys;
        Tensor toOrder = toResult ? order : spareOrder;
        int shift = pass * digitBits;
        sortByDigit(
            new Digit(shift, digitBits, counts, totals, actual),
            fromKeys,
            fromOrder,
            toKeys,
            toOrder);
        fromKeys = toKeys;
        fromOrder = toOrder;
      }
    }
  }

  /** Which bits of the keys a pass looks at, and its tables. */
  private record Digit(int shift, int bits, Tensor counts, Tensor totals, DeviceCount actual) {}

  private void sortByDigit(
      Digit digit, Tensor fromKeys, Tensor fromOrder, Tensor toKeys, Tensor toOrder) {
    int count = Grids.extent(fromKeys.elementCount());
    int digits = 1 << digit.bits;
    int tiles = tiles(count);
    Launch counting =
        cuda.kernel(PROGRAM, "sort_count_i32")
            .grid(tiles)
            .block(THREADS)
            .shared(digits * Integer.BYTES)
            .tensor(fromKeys)
            .i32(count);
    DeviceCount.argument(counting, digit.actual)
        .i32(digit.shift)
        .i32(digits)
        .tensor(digit.counts)
        .run();
    cuda.kernel(PROGRAM, "sort_scan_i32")
        .grid(digits)
        .block(THREADS)
        .tensor(digit.counts)
        .i32(tiles)
        .tensor(digit.totals)
        .run();
    Launch scattering =
        cuda.kernel(PROGRAM, "sort_scatter_i32")
            .grid(tiles)
            .block(THREADS)
            .shared((digits * (2 + WARPS) + 2 * TILE) * Integer.BYTES)
            .tensor(fromKeys)
            .tensor(fromOrder)
            .i32(count);
    DeviceCount.argument(scattering, digit.actual)
        .i32(digit.shift)
        .i32(digit.bits)
        .tensor(digit.counts)
        .tensor(digit.totals)
        .tensor(toKeys)
        .tensor(toOrder)
        .run();
  }

  /**
   * Writes to out[i] the sum of values[0 … i − 1].
   *
   * @param values [n] I32, with a sum of at most 2³¹ − 1
   * @param out [n] I32; may be {@code values}
   */
  void exclusiveScan(Tensor values, Tensor out) {
    int count = Grids.extent(values.elementCount());
    int tiles = tiles(count);
    if (tiles <= 1) {
      scanTiles(values, null, out);
      return;
    }
    try (Tensor totals = cuda.scratch(DType.I32, tiles)) {
      cuda.kernel(PROGRAM, "tile_sums_i32")
          .grid(tiles)
          .block(THREADS)
          .tensor(values)
          .i32(count)
          .tensor(totals)
          .run();
      exclusiveScan(totals, totals);
      scanTiles(values, totals, out);
    }
  }

  private void scanTiles(Tensor values, Tensor offsets, Tensor out) {
    int count = Grids.extent(values.elementCount());
    if (count == 0) {
      return;
    }
    cuda.kernel(PROGRAM, "tile_scan_i32")
        .grid(tiles(count))
        .block(THREADS)
        .tensor(values)
        .i32(count)
        .tensor(offsets)
        .tensor(out)
        .run();
  }

  private static int tiles(int count) {
    return Grids.extent((count + TILE - 1L) / TILE);
  }
}
