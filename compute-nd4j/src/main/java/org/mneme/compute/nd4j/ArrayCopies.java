// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.BytePointer;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.nd4j.cuda.CudaDevice;
import org.mneme.compute.nd4j.cuda.Nd4jCudaBackend;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies between tensors and arrays of the same type and size, whose elements lie in row-major
 * order from the beginning of their buffer: on the GPU where both lie there, else through the host.
 */
final class ArrayCopies {
  /** Elements that are copied at once: a buffer of java.nio holds less than 2³¹ bytes. */
  private static final long SEGMENT = 1L << 28;

  private ArrayCopies() {}

  /** Fills a tensor from an array; the array may change when this returns. */
  static void write(INDArray array, Tensor tensor) {
    AffinityManager affinity = Nd4j.getAffinityManager();
    try {
      if (onOneGpu(array, tensor.device())) {
        affinity.ensureLocation(array, Location.DEVICE);
        Nd4j.getExecutioner().commit();
        ((CudaDevice) tensor.device()).copyFrom(array.data().platformAddress(), tensor);
      } else {
        affinity.ensureLocation(array, Location.HOST);
        throughHost(array, tensor, tensor.device().transfer()::write);
      }
    } finally {
      // ND4J frees the elements of an array that nobody holds.
      Reference.reachabilityFence(array);
    }
  }

  /** Fills an array from a tensor. */
  static void read(Tensor tensor, INDArray array) {
    AffinityManager affinity = Nd4j.getAffinityManager();
    if (onOneGpu(array, tensor.device())) {
      // What ND4J may still be writing into the new array must not come after the copy.
      Nd4j.getExecutioner().commit();
      ((CudaDevice) tensor.device()).copyTo(tensor, array.data().platformAddress());
      affinity.tagLocation(array, Location.DEVICE);
    } else {
      affinity.ensureLocation(array, Location.HOST);
      TransferKernels transfer = tensor.device().transfer();
      throughHost(array, tensor, (host, part) -> transfer.read(part, host));
      affinity.tagLocation(array, Location.HOST);
    }
  }

  private static boolean onOneGpu(INDArray array, Device device) {
    return Nd4jCudaBackend.holdsArrays()
        && device instanceof CudaDevice cuda
        && Nd4j.getAffinityManager().getDeviceForArray(array) == cuda.ordinal();
  }

  private static void throughHost(
      INDArray array, Tensor tensor, BiConsumer<ByteBuffer, Tensor> transfer) {
    BytePointer bytes = new BytePointer(array.data().addressPointer());
    long elements = tensor.elementCount();
    int width = tensor.dtype().byteCount();
    Tensor flat = tensor.reshape(elements);
    for (long from = 0; from < elements; from += SEGMENT) {
      long to = Math.min(elements, from + SEGMENT);
      BytePointer part = bytes.getPointer(from * width);
      transfer.accept(part.capacity((to - from) * width).asByteBuffer(), flat.rows(from, to));
    }
  }
}
