// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.util.Arrays;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.Nd4jCudaBackend;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Memory;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Exchanges tensors with ND4J's arrays: with the CPU device without copying, with any device by a
 * copy.
 *
 * <p>A copy goes through the host, unless the array and the tensor lie on one GPU, which takes
 * ND4J's own CUDA backend. Arrays of type FLOAT and tensors of type F32 go together, INT and I32
 * likewise.
 */
public final class Nd4jTensors {
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
   * @throws IllegalArgumentException if the device or the array is of another kind, or if ND4J's
   *     arrays lie on a GPU; {@link #copy} takes any device and arrays of any order
   */
  public static Tensor wrap(Device device, INDArray array) {
    CpuDevice cpu = sharing(device, "copy(device, tag, array)");
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
    return Closer.initialized(
        device.allocate(tag, dtype(array), shape(array)),
        tensor -> ArrayCopies.write(fromTheBeginning(array) ? array : array.dup('c'), tensor));
  }

  private static boolean fromTheBeginning(INDArray array) {
    return array.data().offset() == 0 && isRowMajor(array, shape(array));
  }

  /**
   * A new array with the elements of a tensor: FLOAT of F32 and BF16, INT of I32.
   *
   * <p>A BF16 tensor is converted on its device, which takes memory for as many F32 elements there.
   *
   * @param tensor of any open device, not empty
   * @throws IllegalArgumentException if the tensor is empty
   * @throws IllegalStateException if the tensor is closed or its device is recording a capture
   */
  public static INDArray toINDArray(Tensor tensor) {
    requireContents(tensor);
    Device device = tensor.device();
    if (tensor.dtype() == DType.BF16) {
      try (Tensor floats = device.allocate(MemoryTag.WORKSPACE, DType.F32, tensor.shape())) {
        device.transfer().copy(tensor, floats);
        return toINDArray(floats);
      }
    }
    Nd4jCudaBackend.passOverIfUnusable();
    DataType type = tensor.dtype() == DType.F32 ? DataType.FLOAT : DataType.INT32;
    INDArray array = Nd4j.createUninitialized(type, tensor.shape().toArray(), 'c');
    ArrayCopies.read(tensor, array);
    return array;
  }

  private static void requireContents(Tensor tensor) {
    if (tensor.isClosed()) {
      throw new IllegalStateException("tensor " + tensor.shape() + " is closed");
    }
    if (tensor.elementCount() == 0) {
      throw new IllegalArgumentException("tensor " + tensor.shape() + " is empty");
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
   * @throws IllegalArgumentException if the tensor is of another device, or if ND4J's arrays lie on
   *     a GPU; {@link #toINDArray} takes both
   * @throws IllegalStateException if the tensor is closed
   */
  public static INDArray asINDArray(Tensor tensor) {
    CpuDevice cpu = sharing(tensor.device(), "toINDArray(tensor)");
    HostTensor host = HostTensor.of(tensor);
    requireContents(host);
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

  private static CpuDevice sharing(Device device, String instead) {
    if (!(device instanceof CpuDevice cpu)) {
      throw new IllegalArgumentException(
          "device "
              + device.info().id()
              + " shares no memory with ND4J, only this provider's CPU device does; use "
              + instead
              + ", which copies");
    }
    if (Nd4jCudaBackend.holdsArrays()) {
      throw new IllegalArgumentException(
          "ND4J's arrays lie on the GPU, since its CUDA backend is in use, and device "
              + device.info().id()
              + " cannot share memory with them; use "
              + instead
              + ", which copies");
    }
    return cpu;
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
