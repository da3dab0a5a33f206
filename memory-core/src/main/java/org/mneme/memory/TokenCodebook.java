// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/**
 * Entries that are token ids, [M, K] I32: a read is the mean of the embeddings of the K tokens, and
 * a person can read the entry.
 */
public final class TokenCodebook implements Codebook {
  private final Tensor bank;
  private final boolean owned;

  private TokenCodebook(Tensor bank, boolean owned) {
    this.bank = bank;
    this.owned = owned;
  }

  /** A codebook with a new bank of undefined contents, [entries, length] I32. */
  public static TokenCodebook allocate(Device device, int entries, int length) {
    return new TokenCodebook(Banks.allocate(device, DType.I32, entries, length), true);
  }

  /**
   * A codebook around a bank that somebody else owns, such as a piece of a parameter arena.
   *
   * @throws IllegalArgumentException if the tensor is not [M, length] I32
   */
  public static TokenCodebook around(Tensor bank) {
    return new TokenCodebook(Banks.check(bank, DType.I32), false);
  }

  @Override
  public Tensor bank() {
    return bank;
  }

  /** A copy of the tokens of one entry; waits for the device. */
  public int[] read(int entry) {
    try (Tensor row = bank.rows(entry, entry + 1L)) {
      return device().transfer().readInts(row);
    }
  }

  @Override
  public void close() {
    if (owned) {
      bank.close();
    }
  }
}
