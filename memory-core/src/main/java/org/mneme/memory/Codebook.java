// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** The entries of a memory, one row each, in a tensor on a device. */
public sealed interface Codebook extends AutoCloseable permits VectorCodebook, TokenCodebook {
  /** The tensor of all entries, [M, width]. */
  Tensor bank();

  /** M. */
  default int entries() {
    return Math.toIntExact(bank().shape().extent(0));
  }

  /** The elements of one entry. */
  default int width() {
    return Math.toIntExact(bank().shape().extent(1));
  }

  /** The device that holds the entries. */
  default Device device() {
    return bank().device();
  }

  /** Frees the bank if this codebook allocated it; a bank that was handed in stays open. */
  @Override
  void close();
}
