// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.nd4j.cuda.blas.CublasLt;
import org.mneme.compute.nd4j.cuda.context.CudaContextKernels;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.EventProfiler;
import org.mneme.compute.nd4j.cuda.driver.TimedMatrixKernels;
import org.mneme.compute.nd4j.cuda.kernels.CudaMatrixKernels;
import org.mneme.compute.nd4j.cuda.kernels.CudaNeuralKernels;
import org.mneme.compute.nd4j.cuda.kernels.CudaOptimizerKernels;
import org.mneme.compute.nd4j.cuda.kernels.CudaRandomKernels;
import org.mneme.compute.nd4j.cuda.kernels.CudaTransferKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaIndexGuard;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.DeviceRuntime;
import org.mneme.compute.nd4j.cuda.memory.CudaMemoryKernels;
import org.mneme.compute.nd4j.cuda.programs.CudaPrograms;
import org.mneme.compute.nd4j.cuda.storage.Copies;
import org.mneme.compute.nd4j.cuda.storage.CudaGraph;
import org.mneme.compute.nd4j.cuda.storage.CudaMemory;
import org.mneme.compute.nd4j.cuda.storage.CudaTensor;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.IndexGuard;
import org.mneme.compute.support.OperationProfiler;
import org.mneme.compute.support.Overlap;

/** An NVIDIA GPU. All operations run on one stream, in order. */
public final class CudaDevice extends AbstractDevice {
  /**
   * Enough for every multiprocessor, also of the largest GPUs; with a vocabulary of 6,400, pieces
   * of 8,192 rows of bf16 logits.
   */
  private static final long CHUNK_BYTES = 100L << 20;

  private final int ordinal;
  private final CudaContext context;
  private final CudaMemory memory;
  private final CudaPrograms programs;
  private final DeviceRuntime runtime;
  private final Set<CudaGraph> graphs = Collections.newSetFromMap(new IdentityHashMap<>());
  private Copies copies;
  private boolean closed;

  private CudaDevice(DeviceInfo info, int ordinal, CudaContext context) {
    super(info);
    this.ordinal = ordinal;
    this.context = context;
    this.memory = new CudaMemory(this, context);
    this.programs = new CudaPrograms(context);
    this.runtime = new DeviceRuntime(this, context, memory, programs, this::products);
  }

  private MatrixKernels products(CudaRuntime cuda) {
    return new TimedMatrixKernels(
        new CudaMatrixKernels(cuda, new CublasLt(cuda)), (EventProfiler) profiler());
  }

  /** Opens a GPU that can be used, with all libraries loaded. */
  static CudaDevice open(int ordinal) {
    CudaGpu gpu = CudaGpu.of(ordinal);
    Set<DType> dtypes = EnumSet.of(DType.F32, DType.I32);
    if (gpu.hasBf16()) {
      dtypes.add(DType.BF16);
    }
    DeviceInfo info =
        new DeviceInfo(
            CudaProvider.deviceId(ordinal),
            CudaProvider.ID,
            gpu.description(),
            dtypes,
            gpu.totalMemory(),
            CHUNK_BYTES);
    CudaContext context = new CudaContext(gpu);
    try {
      return new CudaDevice(info, ordinal, context);
    } catch (RuntimeException | Error e) {
      Closer closer = new Closer();
      closer.add(context);
      throw closer.closeAfter(e);
    }
  }

  @Override
  protected CudaTensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    requireOpen();
    if (!info().dtypes().contains(dtype)) {
      throw new IllegalArgumentException(
          "device "
              + info().id()
              + " does not support "
              + dtype
              + ", which needs compute capability 8.0 or later; it is "
              + info().description());
    }
    return memory.allocate(tag, dtype, shape);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("device " + info().id() + " is closed");
    }
  }

  /** The compiled programs. */
  CudaPrograms programs() {
    return programs;
  }

  @Override
  protected Overlap overlap(Tensor a, Tensor b) {
    CudaTensor left = CudaTensor.of(a);
    CudaTensor right = CudaTensor.of(b);
    if (!left.overlaps(right)) {
      return Overlap.NONE;
    }
    return left.address() == right.address() && left.byteCount() == right.byteCount()
        ? Overlap.SAME
        : Overlap.PARTIAL;
  }

  @Override
  protected OperationProfiler createProfiler() {
    return new EventProfiler(this, () -> context);
  }

  @Override
  protected IndexGuard indexGuard() {
    return new CudaIndexGuard(runtime, runtime.faults());
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return runtime.matrix();
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return new CudaNeuralKernels(runtime);
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return new CudaMemoryKernels(runtime);
  }

  @Override
  protected ContextKernels contextKernels() {
    return new CudaContextKernels(runtime);
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return new CudaOptimizerKernels(runtime);
  }

  @Override
  protected RandomKernels randomKernels() {
    return new CudaRandomKernels(runtime);
  }

  @Override
  protected TransferKernels transferKernels() {
    return new CudaTransferKernels(runtime, copies(), runtime.faults());
  }

  private Copies copies() {
    if (copies == null) {
      copies = new Copies(context);
    }
    return copies;
  }

  /** The number of the GPU, as the driver and CUDA's runtime count. */
  public int ordinal() {
    return ordinal;
  }

  /**
   * Fills a tensor from memory on this GPU that belongs to another library, and waits.
   *
   * @param source device address in the primary context, with as many bytes as the tensor; whatever
   *     writes to it must be done
   * @param target an open tensor of this device
   * @throws IllegalStateException while a capture records
   */
  public void copyFrom(long source, Tensor target) {
    exchange(source, CudaTensor.of(target).address(), target.byteCount());
  }

  /** Like {@link #copyFrom}, the other way. */
  public void copyTo(Tensor source, long target) {
    exchange(CudaTensor.of(source).address(), target, source.byteCount());
  }

  private void exchange(long source, long target, long bytes) {
    guard().enter("exchange");
    try {
      // Before too: it refuses to be recorded, since a replay would find other contents or none.
      synchronize();
      copies().copy(source, target, bytes);
      context.synchronize();
    } finally {
      guard().exit();
    }
  }

  /**
   * Waits until all operations are done.
   *
   * @throws IllegalStateException while a capture records
   */
  @Override
  public void synchronize() {
    requireOpen();
    if (recording()) {
      throw new IllegalStateException("cannot wait for the device while a capture records");
    }
    guard().enter("synchronize");
    try {
      context.synchronize();
      runtime.faults().throwFirst();
    } finally {
      guard().exit();
    }
  }

  @Override
  public boolean replaysShapes() {
    return true;
  }

  @Override
  protected CapturedGraph record(Runnable work) {
    requireOpen();
    context.synchronize();
    // What was held for steps that ran one by one would otherwise be held beside the graph's.
    memory.trim();
    return CudaGraph.record(guard(), context, memory, work, graphs);
  }

  @Override
  public MemoryReport memoryReport() {
    return memory.report();
  }

  /** Closes all graphs and tensors and frees the memory. */
  @Override
  public void close() {
    guard().enter("close of the device");
    try {
      if (!closed) {
        closed = true;
        closeOpenParts();
      }
    } finally {
      guard().exit();
    }
  }

  private void closeOpenParts() {
    Closer closer = new Closer();
    closer.add(context);
    closer.add(memory::close);
    List.copyOf(graphs).forEach(closer::add);
    closer.add(context::synchronize);
    closer.close();
  }
}
