// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** Checks and allocations that the codebooks share. */
final class Banks {
  private Banks() {}

  static Tensor allocate(Device device, DType dtype, int entries, int width) {
    if (entries < 1 || width < 1) {
      throw new IllegalArgumentException(
          "bank extents: found [" + entries + ", " + width + "], wanted at least [1, 1]");
    }
    return device.allocate(MemoryTag.MEMORY_BANK, dtype, entries, width);
  }

  static Tensor check(Tensor bank, DType dtype) {
    boolean fits =
        bank.dtype() == dtype
            && bank.shape().rank() == 2
            && bank.shape().extent(0) >= 1
            && bank.shape().extent(0) <= Integer.MAX_VALUE
            && bank.shape().extent(1) >= 1;
    if (!fits) {
      throw new IllegalArgumentException(
          "bank: found " + bank.dtype() + " " + bank.shape() + ", wanted " + dtype + " [M, width]");
    }
    return bank;
  }
}
