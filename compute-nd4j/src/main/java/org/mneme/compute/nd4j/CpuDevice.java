// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.nd4j.context.Nd4jContextKernels;
import org.mneme.compute.nd4j.host.Blas;
import org.mneme.compute.nd4j.host.HostIndexGuard;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Memory;
import org.mneme.compute.nd4j.host.MemoryPool;
import org.mneme.compute.nd4j.host.VectorsChoice;
import org.mneme.compute.nd4j.host.Workers;
import org.mneme.compute.nd4j.host.Workspace;
import org.mneme.compute.nd4j.kernels.Nd4jMatrixKernels;
import org.mneme.compute.nd4j.kernels.Nd4jNeuralKernels;
import org.mneme.compute.nd4j.kernels.Nd4jOptimizerKernels;
import org.mneme.compute.nd4j.kernels.Nd4jRandomKernels;
import org.mneme.compute.nd4j.kernels.Nd4jTransferKernels;
import org.mneme.compute.nd4j.memory.Nd4jMemoryKernels;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.IndexGuard;
import org.mneme.compute.support.LeakTracker;
import org.mneme.compute.support.MemoryAccount;
import org.mneme.compute.support.Overlap;

/**
 * The processors of this machine.
 *
 * <p>Operations are synchronous: they return when their work is done. Results do not depend on the
 * number of threads.
 */
public final class CpuDevice extends AbstractDevice {
  private final MemoryPool pool;
  private final MemoryAccount account = new MemoryAccount();
  private final Set<HostTensor> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final VectorsChoice vectors = new VectorsChoice();
  private final HostRuntime host;
  private final Closer closer = new Closer();
  private boolean closed;

  private CpuDevice(DeviceInfo info, int threads) {
    super(info);
    try {
      this.pool = closer.add(new MemoryPool(info.totalMemory()));
      Workers workers = closer.add(new Workers(threads));
      Blas blas = new Blas(workers, profiler()::active, profiler()::addGemm);
      this.host = new HostRuntime(workers, blas, new Workspace(this::newTensor), vectors);
      closer.add(vectors::close);
      vectors.warmUp();
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /**
   * Opens the device.
   *
   * @param threads how many threads share an operation, at least 1
   * @throws UserException if the native libraries do not load, with the root cause
   */
  public static CpuDevice open(int threads) {
    NativeRuntime.load();
    String description =
        Loader.getPlatform() + ", " + threads + (threads == 1 ? " thread" : " threads");
    return new CpuDevice(
        new DeviceInfo(
            Nd4jProvider.DEVICE_ID,
            Nd4jProvider.ID,
            description,
            Set.of(DType.F32, DType.I32),
            totalMemory()),
        threads);
  }

  private static long totalMemory() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getTotalMemorySize();
  }

  @Override
  protected HostTensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    requireOpen();
    if (!info().dtypes().contains(dtype)) {
      throw new IllegalArgumentException(
          "device " + info().id() + " does not support " + dtype + ", it has " + info().dtypes());
    }
    Memory memory = pool.take(shape.elementCount());
    if (memory == null) {
      throw outOfMemory(tag, dtype, shape);
    }
    try {
      return newTensor(tag, dtype, shape, memory);
    } catch (RuntimeException | Error e) {
      // There may be no room in Java's heap for the handle.
      pool.give(memory);
      throw e;
    }
  }

  private HostTensor newTensor(MemoryTag tag, DType dtype, Shape shape, Memory memory) {
    long bytes = shape.elementCount() * dtype.byteCount();
    LeakTracker.Ticket ticket = leakTracker().opened(tag, dtype, shape);
    HostTensor tensor =
        register(
            new HostTensor(
                this,
                dtype,
                shape,
                memory,
                ticket,
                closed -> {
                  open.remove(closed);
                  pool.give(memory);
                  account.remove(tag, bytes);
                }));
    account.add(tag, bytes);
    return tensor;
  }

  private OutOfDeviceMemoryException outOfMemory(MemoryTag tag, DType dtype, Shape shape) {
    return new OutOfDeviceMemoryException(
        String.format(
            Locale.ROOT,
            "no room on device %s for a %s tensor %s %s of %,.0f bytes; limit %,d bytes, in use %s",
            info().id(),
            tag,
            dtype,
            shape,
            (double) shape.elementCount() * dtype.byteCount(),
            pool.limit(),
            memoryReport().current()));
  }

  /** A tensor over memory that somebody else owns and {@code memory} keeps alive. */
  HostTensor adopt(Memory memory, DType dtype, Shape shape) {
    requireOpen();
    guard().enter("adopt");
    try {
      return register(
          new HostTensor(
              this,
              dtype,
              shape,
              memory,
              leakTracker().opened(MemoryTag.WORKSPACE, dtype, shape),
              open::remove));
    } finally {
      guard().exit();
    }
  }

  private HostTensor register(HostTensor tensor) {
    open.add(tensor);
    return tensor;
  }

  /** Makes sure that the storage of a tensor is never given back to the system. */
  void lend(HostTensor tensor) {
    guard().enter("lend");
    try {
      if (tensor.memory().owner() == null) {
        pool.lend(tensor.memory());
      }
    } finally {
      guard().exit();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("device " + info().id() + " is closed");
    }
  }

  @Override
  protected Overlap overlap(Tensor a, Tensor b) {
    HostTensor left = HostTensor.of(a);
    HostTensor right = HostTensor.of(b);
    if (!left.overlaps(right)) {
      return Overlap.NONE;
    }
    return left.start() == right.start() && left.byteCount() == right.byteCount()
        ? Overlap.SAME
        : Overlap.PARTIAL;
  }

  @Override
  protected IndexGuard indexGuard() {
    return new HostIndexGuard(host);
  }

  @Override
  protected int processingUnits() {
    return host.workers().count();
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return new Nd4jMatrixKernels(host);
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return new Nd4jNeuralKernels(host);
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return new Nd4jMemoryKernels(host);
  }

  @Override
  protected ContextKernels contextKernels() {
    return new Nd4jContextKernels(host);
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return new Nd4jOptimizerKernels(host);
  }

  @Override
  protected RandomKernels randomKernels() {
    return new Nd4jRandomKernels(host);
  }

  @Override
  protected TransferKernels transferKernels() {
    return new Nd4jTransferKernels(host);
  }

  /** Does nothing: every operation has ended when it returned. */
  @Override
  public void synchronize() {
    requireOpen();
  }

  @Override
  public MemoryReport memoryReport() {
    return account.report(pool.pooledBytes());
  }

  /** Closes all tensors, ends the threads and frees the memory. */
  @Override
  public void close() {
    guard().enter("close of the device");
    try {
      if (!closed) {
        List.copyOf(open).forEach(closer::add);
        closed = true;
        closer.close();
      }
    } finally {
      guard().exit();
    }
  }
}
