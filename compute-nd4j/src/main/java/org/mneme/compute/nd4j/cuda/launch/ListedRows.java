// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import org.mneme.compute.Tensor;

/**
 * How threads share the rows of a list whose length only the device knows: 2^{@code shift} of them
 * move a row, {@code pack} elements at a time, in turns of the whole grid.
 *
 * @param pack consecutive F32 elements, 4 or 1
 * @param packs of a row
 * @param shift the exponent of the threads of a row
 */
public record ListedRows(int pack, int packs, int shift) {
  private static final int PACK = 4;

  /** For rows of tables of one width, of which each pack must be one load or store in all. */
  public static ListedRows of(CudaRuntime cuda, Tensor... tables) {
    long width = tables[0].shape().columns();
    boolean wide = width % PACK == 0;
    for (Tensor table : tables) {
      wide &= cuda.address(table) % ((long) PACK * table.dtype().byteCount()) == 0;
    }
    int pack = wide ? PACK : 1;
    int packs = Grids.extent(width / pack);
    // Two packs a thread: more of them are on their way behind each number of a row.
    return new ListedRows(pack, packs, Packs.shift((packs + 1) / 2));
  }

  /** Of kernels for these packs. */
  public String suffix() {
    return pack == 1 ? "narrow" : "wide";
  }

  /**
   * Blocks of a launch: enough for all rows that a list can have, but not more than keep the GPU
   * busy. The same for every list of one tensor.
   *
   * @param list of rows
   * @param threads of a block
   * @param each the most blocks for each multiprocessor
   */
  public long blocks(CudaRuntime cuda, Tensor list, int threads, int each) {
    long all = Grids.groups(list.elementCount() << shift, threads);
    return Math.max(1, Math.min(all, (long) each * cuda.multiprocessors()));
  }
}
