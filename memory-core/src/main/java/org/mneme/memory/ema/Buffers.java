// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** Allocates tensors that end with what they belong to. */
final class Buffers {
  private final Device device;
  private final Closer closer;

  /** Allocates tensors that are closed by {@code closer}. */
  Buffers(Device device, Closer closer) {
    this.device = device;
    this.closer = closer;
  }

  Tensor scratch(DType dtype, long... extents) {
    return closer.add(device.allocate(MemoryTag.WORKSPACE, dtype, extents));
  }

  Tensor state(DType dtype, long... extents) {
    return closer.add(device.allocate(MemoryTag.MEMORY_BANK, dtype, extents));
  }
}
