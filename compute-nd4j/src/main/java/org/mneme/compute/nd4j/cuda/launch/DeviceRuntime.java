// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD8Async;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.function.Function;
import org.bytedeco.javacpp.IntPointer;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.nd4j.cuda.programs.CudaPrograms;
import org.mneme.compute.nd4j.cuda.storage.CudaMemory;
import org.mneme.compute.nd4j.cuda.storage.CudaTensor;
import org.mneme.compute.support.AbstractDevice;

/** What the operations of one device need of it. */
public final class DeviceRuntime implements CudaRuntime {
  private final AbstractDevice device;
  private final CudaContext context;
  private final CudaMemory memory;
  private final CudaPrograms programs;
  private final KernelLaunch launch;
  private final IntPointer hostInt = new IntPointer(1);
  private final Function<CudaRuntime, MatrixKernels> products;
  private final IndexFaults faults;
  private MatrixKernels matrix;

  /**
   * Bundles the parts of {@code device}.
   *
   * @param products makes the matrix products, at their first use
   */
  public DeviceRuntime(
      AbstractDevice device,
      CudaContext context,
      CudaMemory memory,
      CudaPrograms programs,
      Function<CudaRuntime, MatrixKernels> products) {
    this.device = device;
    this.context = context;
    this.memory = memory;
    this.programs = programs;
    this.launch = new KernelLaunch(context, device::recording);
    this.products = products;
    this.faults = new IndexFaults(context);
    context.whenClosed(hostInt::close);
  }

  /** Values out of range that kernels have found, to be looked for when the device is at rest. */
  public IndexFaults faults() {
    return faults;
  }

  @Override
  public Launch kernel(String program, String kernel) {
    return launch.begin(programs.function(program, kernel));
  }

  @Override
  public Launch kernel(String program, String kernel, DType type) {
    return launch.begin(programs.function(program, kernel, type));
  }

  @Override
  public Tensor scratch(DType type, long... extents) {
    return memory.allocate(MemoryTag.WORKSPACE, type, Shape.of(extents));
  }

  @Override
  public void zero(Tensor tensor) {
    if (tensor.elementCount() > 0) {
      context.makeCurrent();
      int code = cuMemsetD8Async(address(tensor), (byte) 0, tensor.byteCount(), context.stream());
      if (code != CUDA_SUCCESS) {
        check(code, "cuMemsetD8Async of " + tensor.dtype() + " " + tensor.shape());
      }
    }
  }

  @Override
  public int readInt(Tensor tensor) {
    if (device.recording()) {
      throw new IllegalStateException("cannot read to the host while a capture records");
    }
    context.makeCurrent();
    check(
        cuMemcpyDtoHAsync(hostInt, address(tensor), Integer.BYTES, context.stream()),
        "cuMemcpyDtoHAsync");
    context.synchronize();
    faults.throwFirst();
    return hostInt.get();
  }

  @Override
  public long address(Tensor tensor) {
    return CudaTensor.of(tensor).address();
  }

  @Override
  public CudaContext context() {
    return context;
  }

  @Override
  public MatrixKernels matrix() {
    if (matrix == null) {
      matrix = products.apply(this);
    }
    return matrix;
  }

  @Override
  public int multiprocessors() {
    return context.gpu().multiprocessors();
  }

  @Override
  public int computeCapability() {
    return context.gpu().computeCapability();
  }

  @Override
  public int sharedMemoryPerBlock() {
    return context.gpu().sharedMemoryPerBlock();
  }
}
