// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/**
 * Entries that are vectors, [M, W] F32: trained by gradient (then the bank is a parameter) or moved
 * by an {@link org.mneme.memory.ema.EmaUpdater}.
 */
public final class VectorCodebook implements Codebook {
  private final Tensor bank;
  private final boolean owned;

  private VectorCodebook(Tensor bank, boolean owned) {
    this.bank = bank;
    this.owned = owned;
  }

  /** A codebook with a new bank of undefined contents, [entries, width] F32. */
  public static VectorCodebook allocate(Device device, int entries, int width) {
    return new VectorCodebook(Banks.allocate(device, DType.F32, entries, width), true);
  }

  /**
   * A codebook around a bank that somebody else owns, such as a piece of a parameter arena.
   *
   * @throws IllegalArgumentException if the tensor is not [M, width] F32
   */
  public static VectorCodebook around(Tensor bank) {
    return new VectorCodebook(Banks.check(bank, DType.F32), false);
  }

  @Override
  public Tensor bank() {
    return bank;
  }

  /** A copy of one entry; waits for the device. */
  public float[] read(int entry) {
    try (Tensor row = bank.rows(entry, entry + 1L)) {
      return device().transfer().readFloats(row);
    }
  }

  @Override
  public void close() {
    if (owned) {
      bank.close();
    }
  }
}
