// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;

/**
 * A place that holds tensors and runs operations on them, in order, on one stream.
 *
 * <p>Operations are asynchronous: they may return before their work is done. Reading a tensor to
 * the host waits for it.
 *
 * <p>A device belongs to one thread at a time: a thread that runs an operation, allocates, or
 * closes a tensor or the device while another thread is inside gets an {@link
 * IllegalStateException} that names both. One thread after the other is allowed.
 *
 * <p>Conventions of all operations: they write into tensors that the caller gives; outputs are
 * overwritten unless their documentation says <em>adds to</em>; an output must not overlap an input
 * unless the documentation allows it; a tensor of rank other than two is read as the matrix [{@link
 * Shape#rows()}, {@link Shape#columns()}]; sums over many terms accumulate in single precision or
 * better and in an order that does not vary from run to run.
 */
public interface Device extends AutoCloseable {
  /** What this device is. */
  DeviceInfo info();

  /**
   * A new tensor with undefined contents.
   *
   * @throws OutOfDeviceMemoryException if there is no room
   * @throws IllegalArgumentException if the device does not support {@code dtype}
   */
  Tensor allocate(MemoryTag tag, DType dtype, Shape shape);

  /** Like {@link #allocate(MemoryTag, DType, Shape)}. */
  default Tensor allocate(MemoryTag tag, DType dtype, long... extents) {
    return allocate(tag, dtype, Shape.of(extents));
  }

  /** Matrix products. */
  MatrixKernels matrix();

  /** Normalisation, attention, activations and losses. */
  NeuralKernels neural();

  /** Selecting, reading and moving memory entries. */
  MemoryKernels memory();

  /** Memory entries that are addressed by the tokens before a position. */
  ContextKernels context();

  /** Parameter updates and gradient norms. */
  OptimizerKernels optimizer();

  /** Seeded random numbers. */
  RandomKernels random();

  /** Copies between host and device and between tensors. */
  TransferKernels transfer();

  /** Waits until all operations are done. */
  void synchronize();

  /**
   * Runs {@code work} once and records its operations.
   *
   * <p>While recording, {@code work} must not read tensors to the host. Tensors that {@code work}
   * allocates and closes keep their addresses for the life of the graph.
   */
  CapturedGraph capture(Runnable work);

  /**
   * Returns whether a captured graph replays the very operations that were recorded, so that their
   * shapes have to stay what they were; else a replay runs the work again.
   */
  default boolean replaysShapes() {
    return false;
  }

  /** Runs {@code work} and tells where its time went. */
  OperationProfile profile(Runnable work);

  /** The memory in use. */
  MemoryReport memoryReport();

  /** Releases the device; all of its tensors become closed. */
  @Override
  void close();
}
