// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;

/** Compares the entries of chunks before and after they were moved, on the host. */
final class ChangeMeter {
  private final Device device;
  private final Codebook codebook;
  private int[] before;
  private int entriesChanged;
  private long tokensChanged;
  private long distinctTokens;
  private int sameTokenEntries;

  ChangeMeter(Codebook codebook) {
    this.device = codebook.device();
    this.codebook = codebook;
  }

  /** Remembers the entries of a chunk. */
  void before(Chunk chunk) {
    before = bits(chunk);
  }

  /** Counts what changed since {@link #before}, and what the entries are now. */
  void after(Chunk chunk) {
    int[] after = bits(chunk);
    int width = codebook.width();
    boolean tokens = codebook.bank().dtype() == DType.I32;
    for (int from = 0; from < after.length; from += width) {
      int changed = 0;
      for (int i = from; i < from + width; i++) {
        changed += before[i] != after[i] ? 1 : 0;
      }
      entriesChanged += changed > 0 ? 1 : 0;
      if (tokens) {
        long distinct = Arrays.stream(after, from, from + width).distinct().count();
        tokensChanged += changed;
        distinctTokens += changed > 0 ? distinct : 0;
        sameTokenEntries += distinct == 1 ? 1 : 0;
      }
    }
    before = null;
  }

  EmaChange change(double coverage) {
    double distinct = entriesChanged == 0 ? 0 : distinctTokens / (double) entriesChanged;
    return new EmaChange(entriesChanged, tokensChanged, distinct, sameTokenEntries, coverage);
  }

  private int[] bits(Chunk chunk) {
    DType dtype = codebook.bank().dtype();
    try (Tensor rows =
        device.allocate(MemoryTag.WORKSPACE, dtype, chunk.size(), codebook.width())) {
      device.memory().gatherRows(codebook.bank(), chunk.entries(), rows);
      if (dtype == DType.I32) {
        return device.transfer().readInts(rows);
      }
      float[] values = device.transfer().readFloats(rows);
      int[] bits = new int[values.length];
      Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
      return bits;
    }
  }
}
