// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** Reads tensors of either floating type. */
final class Tensors {
  private Tensors() {}

  static float[] floats(Tensor tensor) {
    Device device = tensor.device();
    try (Tensor wide = device.allocate(MemoryTag.WORKSPACE, DType.F32, tensor.shape())) {
      device.transfer().copy(tensor, wide);
      return device.transfer().readFloats(wide);
    }
  }
}
