// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
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
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.MemoryAccount;

/**
 * A device that computes nothing and only counts what is allocated on it: models and steps of any
 * size run on it in no time, and its memory report tells what they would take. All that is read
 * from it is 0.
 */
final class DryDevice extends AbstractDevice {
  private final MemoryAccount account = new MemoryAccount();

  /** A device that is like the one that {@code info} describes. */
  DryDevice(DeviceInfo info) {
    super(info);
  }

  @Override
  protected Tensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    long bytes = shape.elementCount() * dtype.byteCount();
    account.add(tag, bytes);
    return new DryTensor(this, dtype, shape, () -> account.remove(tag, bytes));
  }

  @Override
  public MemoryReport memoryReport() {
    return account.report(0);
  }

  @Override
  public void synchronize() {
    // There is nothing to wait for.
  }

  @Override
  public void close() {
    // There is no storage.
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return idle(MatrixKernels.class);
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return idle(NeuralKernels.class);
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return idle(MemoryKernels.class);
  }

  @Override
  protected ContextKernels contextKernels() {
    return idle(ContextKernels.class);
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return idle(OptimizerKernels.class);
  }

  @Override
  protected RandomKernels randomKernels() {
    return idle(RandomKernels.class);
  }

  @Override
  protected TransferKernels transferKernels() {
    return new ZeroTransfers();
  }

  /** Kernels that do nothing; a count that one returns is 1: one group, one row. */
  private static <T> T idle(Class<T> kernels) {
    return kernels.cast(
        Proxy.newProxyInstance(
            kernels.getClassLoader(),
            new Class<?>[] {kernels},
            (proxy, method, arguments) -> method.getReturnType() == int.class ? 1 : null));
  }

  private static final class ZeroTransfers implements TransferKernels {
    @Override
    public void write(ByteBuffer source, Tensor target) {
      source.position(source.limit());
    }

    @Override
    public void read(Tensor source, ByteBuffer target) {
      target.position(target.limit());
    }

    @Override
    public void copy(Tensor source, Tensor target) {
      // Zeros are zeros.
    }

    @Override
    public void fill(Tensor target, double value) {
      // There is no storage.
    }
  }
}
