// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Random;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.nd4j.CpuDevice;
import org.mneme.compute.nd4j.host.HostTensor;

/** A device with a chosen number of threads, and tensors for it. */
final class TestHost implements AutoCloseable {
  final MemoryKernels kernels;
  private final CpuDevice device;

  TestHost(int threads) {
    device = CpuDevice.open(threads);
    kernels = device.memory();
  }

  /** Bytes of scratch space taken so far. */
  long workspaceBytes() {
    return device.memoryReport().current().getOrDefault(MemoryTag.WORKSPACE, 0L);
  }

  private HostTensor tensor(DType dtype, Shape shape) {
    return HostTensor.of(device.allocate(MemoryTag.ACTIVATIONS, dtype, shape));
  }

  /** Undefined floats. */
  HostTensor floats(long... extents) {
    return tensor(DType.F32, Shape.of(extents));
  }

  /** Undefined ints. */
  HostTensor ints(long... extents) {
    return tensor(DType.I32, Shape.of(extents));
  }

  /** Normally distributed floats. */
  HostTensor random(Random random, long... extents) {
    HostTensor tensor = floats(extents);
    float[] values = new float[Math.toIntExact(tensor.elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return fill(tensor, values);
  }

  /** Small whole numbers as floats, whose sums and products are exact and often equal. */
  HostTensor whole(Random random, int bound, long... extents) {
    HostTensor tensor = floats(extents);
    float[] values = new float[Math.toIntExact(tensor.elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2 * bound + 1) - bound;
    }
    return fill(tensor, values);
  }

  /** Ints of 0 … bound − 1. */
  HostTensor indices(Random random, int bound, long... extents) {
    HostTensor tensor = ints(extents);
    int[] values = new int[Math.toIntExact(tensor.elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    return fill(tensor, values);
  }

  static HostTensor fill(HostTensor tensor, float... values) {
    tensor.put(0, values, 0, values.length);
    return tensor;
  }

  static HostTensor fill(HostTensor tensor, int... values) {
    tensor.put(0, values, 0, values.length);
    return tensor;
  }

  static float[] floats(HostTensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elementCount())];
    tensor.get(0, values, 0, values.length);
    return values;
  }

  static int[] ints(HostTensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.elementCount())];
    tensor.get(0, values, 0, values.length);
    return values;
  }

  @Override
  public void close() {
    device.close();
  }
}
