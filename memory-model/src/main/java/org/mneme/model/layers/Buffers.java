// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.memory.state.Values;

/** State of layers that is no parameter, such as running statistics: named F32 tensors. */
public final class Buffers implements AutoCloseable {
  /** What a running variance is called; its root is taken. */
  private static final String VARIANCE = "running_var";

  private final Device device;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Closer closer = new Closer();

  /** No buffers yet. */
  public Buffers(Device device) {
    this.device = device;
  }

  void add(String name, Shape shape, double value) {
    Tensor tensor = closer.add(device.allocate(MemoryTag.WEIGHTS, DType.F32, shape));
    device.transfer().fill(tensor, value);
    tensors.put(name, tensor);
  }

  /** The values that a tensor may hold; finite for a name that is not known. */
  public Values values(String name) {
    return name.endsWith(VARIANCE) ? Values.finiteFrom(0) : Values.finite();
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
    closer.close();
  }
}
