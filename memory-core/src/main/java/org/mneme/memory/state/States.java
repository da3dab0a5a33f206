// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;

/** Host arrays as named tensors of a state, and back. */
public final class States {
  private States() {}

  /** Shows integers as an I32 tensor. */
  public static void show(StateVisitor visitor, Device device, String name, int[] values) {
    try (Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.I32, values.length)) {
      device.transfer().writeInts(values, tensor);
      visitor.visit(name, tensor);
    }
  }

  /** Shows numbers as an F32 tensor. */
  public static void show(StateVisitor visitor, Device device, String name, float[] values) {
    try (Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.F32, values.length)) {
      device.transfer().writeFloats(values, tensor);
      visitor.visit(name, tensor);
    }
  }

  /** Integers, as many as given; throws as {@link #read} does. */
  public static int[] ints(StateSource source, Device device, String name, long length) {
    try (Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.I32, length)) {
      read(source, name, tensor);
      return device.transfer().readInts(tensor);
    }
  }

  /** Numbers, as many as given; throws as {@link #read} does. */
  public static float[] floats(StateSource source, Device device, String name, long length) {
    try (Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.F32, length)) {
      read(source, name, tensor);
      return device.transfer().readFloats(tensor);
    }
  }

  /**
   * Fills a tensor.
   *
   * @throws UserException if the source has none of that name and the tensor's shape
   */
  public static void read(StateSource source, String name, Tensor target) {
    Shape found = source.shape(name).orElse(null);
    if (!target.shape().equals(found)) {
      throw new UserException(
          "memory state \""
              + name
              + "\": found "
              + (found == null ? "no such tensor" : "shape " + found)
              + ", wanted shape "
              + target.shape());
    }
    source.read(name, target);
  }
}
