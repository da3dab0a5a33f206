// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;

/** What operations need of their device. */
public interface CudaRuntime {
  /**
   * Begins a launch of a kernel.
   *
   * @param program a source file under {@code src/main/cuda}, without its {@code .cu}; it is
   *     compiled at the first use of one of its kernels
   * @param kernel name of an {@code extern "C"} function of it
   */
  Launch kernel(String program, String kernel);

  /** Begins a launch of {@code kernel_f32}, {@code kernel_bf16} or {@code kernel_i32}. */
  Launch kernel(String program, String kernel, DType type);

  /**
   * Scratch memory with undefined contents, to be closed when the launches that use it are
   * enqueued: what is enqueued later may use it again.
   */
  Tensor scratch(DType type, long... extents);

  /** Sets all bytes of a tensor to 0. */
  void zero(Tensor tensor);

  /** The first element of an I32 tensor, when all work before is done. Not while recording. */
  int readInt(Tensor tensor);

  /** The device address of a tensor's first element, for choosing wide loads. */
  long address(Tensor tensor);

  /** The context and the stream, for calls of the driver and of libraries. */
  CudaContext context();

  /** Unchecked matrix products. */
  MatrixKernels matrix();

  /** Streaming multiprocessors of the GPU. */
  int multiprocessors();

  /** Compute capability as a number, such as 90. */
  int computeCapability();

  /** The most bytes of dynamic shared memory of a block. */
  int sharedMemoryPerBlock();
}
