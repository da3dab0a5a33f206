// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** Tensors that live and end together. */
final class Buffers implements AutoCloseable {
  private final Device device;
  private final List<Tensor> tensors = new ArrayList<>();

  Buffers(Device device) {
    this.device = device;
  }

  Tensor scratch(DType dtype, long... extents) {
    return keep(device.allocate(MemoryTag.WORKSPACE, dtype, extents));
  }

  Tensor state(DType dtype, long... extents) {
    return keep(device.allocate(MemoryTag.MEMORY_BANK, dtype, extents));
  }

  private Tensor keep(Tensor tensor) {
    tensors.add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
    tensors.clear();
  }
}
