// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.MemoryAccount;

/**
 * A device that does what another one does, and fails at an allocation or an operation of choice.
 * Its memory report counts the open tensors that were allocated through it and nothing else: no
 * scratch memory of kernels.
 */
public final class FaultyDevice extends AbstractDevice {
  private static final long NEVER = -1;

  private final Device inner;
  private final MemoryAccount account = new MemoryAccount();
  private long allocations;
  private long operations;
  private long failingAllocation = NEVER;
  private List<List<StackTraceElement>> places;
  private long failingOperation = NEVER;

  /**
   * Wraps a device, which this one does not close.
   *
   * @param inner an open device
   */
  public FaultyDevice(Device inner) {
    super(inner.info());
    this.inner = inner;
  }

  /** Lets the n-th allocation fail, from 1. */
  public FaultyDevice failAllocation(long number) {
    failingAllocation = number;
    return this;
  }

  /** Lets the n-th operation fail, from 1. */
  public FaultyDevice failOperation(long number) {
    failingOperation = number;
    return this;
  }

  /** Notes from where each allocation is made. */
  public FaultyDevice notePlaces() {
    places = new ArrayList<>();
    return this;
  }

  /** Returns the calls of this library that led to each allocation. */
  List<List<StackTraceElement>> places() {
    return places;
  }

  /** Returns whether the chosen allocation or operation has been reached. */
  public boolean failed() {
    boolean reached = failingAllocation != NEVER && allocations >= failingAllocation;
    return reached || failingOperation != NEVER && operations >= failingOperation;
  }

  @Override
  protected Tensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    allocations++;
    if (places != null) {
      places.add(place());
    }
    if (allocations == failingAllocation) {
      throw new OutOfDeviceMemoryException("allocation " + allocations + " fails on purpose");
    }
    Tensor tensor = inner.allocate(tag, dtype, shape);
    account.add(tag, tensor.byteCount());
    return new FaultyTensor(tensor, () -> account.remove(tag, tensor.byteCount()));
  }

  private static List<StackTraceElement> place() {
    return Arrays.stream(new Throwable().getStackTrace())
        .filter(frame -> frame.getClassName().startsWith("org.mneme."))
        .toList();
  }

  private <K> K delegate(Class<K> kernels, K inner) {
    return kernels.cast(
        Proxy.newProxyInstance(
            kernels.getClassLoader(),
            new Class<?>[] {kernels},
            (proxy, method, arguments) -> {
              operations++;
              if (operations == failingOperation) {
                throw new IllegalStateException("operation " + operations + " fails on purpose");
              }
              try {
                return method.invoke(inner, unwrapped(arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private static Object[] unwrapped(Object[] arguments) {
    Object[] unwrapped = arguments.clone();
    for (int i = 0; i < unwrapped.length; i++) {
      if (unwrapped[i] instanceof FaultyTensor tensor) {
        unwrapped[i] = tensor.inner;
      }
    }
    return unwrapped;
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return delegate(MatrixKernels.class, inner.matrix());
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return delegate(NeuralKernels.class, inner.neural());
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return delegate(MemoryKernels.class, inner.memory());
  }

  @Override
  protected ContextKernels contextKernels() {
    return delegate(ContextKernels.class, inner.context());
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return delegate(OptimizerKernels.class, inner.optimizer());
  }

  @Override
  protected RandomKernels randomKernels() {
    return delegate(RandomKernels.class, inner.random());
  }

  @Override
  protected TransferKernels transferKernels() {
    return delegate(TransferKernels.class, inner.transfer());
  }

  @Override
  public void synchronize() {
    inner.synchronize();
  }

  @Override
  public MemoryReport memoryReport() {
    return account.report(0);
  }

  /** Does nothing: the wrapped device is not closed by this object. */
  @Override
  public void close() {}

  private final class FaultyTensor implements Tensor {
    private final Tensor inner;
    private final Runnable released;

    FaultyTensor(Tensor inner, Runnable released) {
      this.inner = inner;
      this.released = released;
    }

    @Override
    public Device device() {
      return FaultyDevice.this;
    }

    @Override
    public DType dtype() {
      return inner.dtype();
    }

    @Override
    public Shape shape() {
      return inner.shape();
    }

    @Override
    public Tensor rows(long from, long to) {
      return new FaultyTensor(inner.rows(from, to), () -> {});
    }

    @Override
    public Tensor reshape(Shape shape) {
      return new FaultyTensor(inner.reshape(shape), () -> {});
    }

    @Override
    public boolean isClosed() {
      return inner.isClosed();
    }

    @Override
    public void close() {
      if (!inner.isClosed()) {
        inner.close();
        released.run();
      }
    }
  }
}
