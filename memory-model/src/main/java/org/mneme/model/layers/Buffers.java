// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** State of layers that is no parameter, such as running statistics: named F32 tensors. */
public final class Buffers implements AutoCloseable {
  private final Device device;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** No buffers yet. */
  public Buffers(Device device) {
    this.device = device;
  }

  void add(String name, Shape shape, double value) {
    Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, shape);
    device.transfer().fill(tensor, value);
    tensors.put(name, tensor);
  }

  Tensor get(String name) {
    return tensors.get(name);
  }

  /** All tensors by their names on disk. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }
}
