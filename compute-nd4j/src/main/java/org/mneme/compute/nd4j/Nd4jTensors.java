// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Memory;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Exchanges tensors of the CPU device with ND4J's arrays, without copying.
 *
 * <p>Arrays of type FLOAT and tensors of type F32 go together, INT and I32 likewise.
 */
public final class Nd4jTensors {
  /** Elements that are copied at once: a buffer of java.nio holds less than 2³¹ bytes. */
  private static final long SEGMENT = 1L << 28;

  private Nd4jTensors() {}

  /**
   * A tensor on the elements of an array: what is written to one is seen in the other.
   *
   * <p>The array stays the owner of the memory, and the tensor keeps the array alive, so that it
   * may be dropped. An array that is closed, or that lies in a workspace that ends, takes the
   * tensor's memory with it. The memory does not count in the device's report.
   *
   * @param device an open CPU device
   * @param array FLOAT or INT, not empty, its elements contiguous in row-major order (a view may
   *     begin anywhere)
   * @throws IllegalArgumentException if the device or the array is of another kind; {@link #copy}
   *     takes arrays of any order
   */
  public static Tensor wrap(Device device, INDArray array) {
    CpuDevice cpu = cpu(device);
    DType dtype = dtype(array);
    Shape shape = shape(array);
    if (!isRowMajor(array, shape)) {
      throw new IllegalArgumentException(
          "array "
              + shape
              + " has strides "
              + Arrays.toString(array.stride())
              + ", wanted contiguous elements in row-major order; use array.dup('c') or copy");
    }
    Memory memory =
        new Memory(array.data().addressPointer().address(), shape.elementCount(), array);
    return cpu.adopt(memory, dtype, shape);
  }

  /**
   * A new tensor with the elements of an array of any order.
   *
   * @param device any device that supports the type
   * @param tag what the tensor is for
   * @param array FLOAT or INT, not empty
   * @throws IllegalArgumentException if the array is of another type
   */
  public static Tensor copy(Device device, MemoryTag tag, INDArray array) {
    DType dtype = dtype(array);
    Tensor tensor = device.allocate(tag, dtype, shape(array));
    INDArray rowMajor = array.dup('c');
    try {
      write(device, rowMajor, tensor);
    } finally {
      Reference.reachabilityFence(rowMajor);
    }
    return tensor;
  }

  private static void write(Device device, INDArray rowMajor, Tensor tensor) {
    BytePointer bytes = new BytePointer(rowMajor.data().addressPointer());
    long elements = tensor.elementCount();
    int width = tensor.dtype().byteCount();
    Tensor flat = tensor.reshape(elements);
    for (long from = 0; from < elements; from += SEGMENT) {
      long to = Math.min(elements, from + SEGMENT);
      BytePointer part = bytes.getPointer(from * width);
      ByteBuffer source = part.capacity((to - from) * width).asByteBuffer();
      device.transfer().write(source, flat.rows(from, to));
    }
  }

  /**
   * An array on the elements of a tensor: what is written to one is seen in the other.
   *
   * <p>The device stays the owner of the memory. The array is meant to be used while the tensor is
   * open: afterwards the device may hand the memory to another tensor. It is never unmapped,
   * though, so that a late access reads something else but does no harm to the process.
   *
   * @param tensor of an open CPU device, not empty
   * @throws IllegalArgumentException if the tensor is of another device
   * @throws IllegalStateException if the tensor is closed
   */
  public static INDArray asINDArray(Tensor tensor) {
    CpuDevice cpu = cpu(tensor.device());
    HostTensor host = HostTensor.of(tensor);
    if (host.isClosed()) {
      throw new IllegalStateException("tensor " + host.shape() + " is closed");
    }
    if (host.elementCount() == 0) {
      throw new IllegalArgumentException("tensor " + host.shape() + " is empty");
    }
    cpu.lend(host);
    long[] extents = host.shape().toArray();
    return Nd4j.create(buffer(host), extents, rowMajorStrides(host.shape()), 0L, 'c');
  }

  private static DataBuffer buffer(HostTensor tensor) {
    if (tensor.memory().owner() instanceof INDArray array) {
      // A view of the array's own buffer keeps that alive.
      DataBuffer whole = array.data();
      long offset = (tensor.start() - whole.pointer().address()) / tensor.dtype().byteCount();
      return Nd4j.createBuffer(whole, offset, tensor.elementCount());
    }
    return tensor.dtype() == DType.F32
        ? Nd4j.createBuffer(tensor.floats(0), tensor.elementCount(), DataType.FLOAT)
        : Nd4j.createBuffer(tensor.ints(0), tensor.elementCount(), DataType.INT32);
  }

  private static CpuDevice cpu(Device device) {
    if (device instanceof CpuDevice cpu) {
      return cpu;
    }
    throw new IllegalArgumentException(
        "device " + device.info().id() + " is not the CPU device of this provider");
  }

  private static DType dtype(INDArray array) {
    if (array.isEmpty()) {
      throw new IllegalArgumentException("array " + Arrays.toString(array.shape()) + " is empty");
    }
    return switch (array.dataType()) {
      case FLOAT -> DType.F32;
      case INT -> DType.I32;
      default ->
          throw new IllegalArgumentException(
              "array is of type " + array.dataType() + ", wanted FLOAT or INT; use array.castTo");
    };
  }

  private static Shape shape(INDArray array) {
    return Shape.of(array.shape());
  }

  private static boolean isRowMajor(INDArray array, Shape shape) {
    long[] wanted = rowMajorStrides(shape);
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.extent(axis) > 1 && array.stride(axis) != wanted[axis]) {
        return false;
      }
    }
    return true;
  }

  private static long[] rowMajorStrides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape.extent(axis);
    }
    return strides;
  }
}
