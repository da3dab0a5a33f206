// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;

/** A device whose kernels only note that they were called. */
final class FakeDevice extends AbstractDevice {
  /** Names of the raw kernels called. */
  final List<String> calls = new ArrayList<>();

  /** Thrown by every kernel, unless null. */
  RuntimeException failure;

  FakeDevice(String id) {
    super(new DeviceInfo(id, "fake", "a fake", Set.of(DType.values()), -1));
  }

  @Override
  protected FakeTensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    return new FakeTensor(this, dtype, shape);
  }

  private <K> K noting(Class<K> kernels) {
    return kernels.cast(
        Proxy.newProxyInstance(
            kernels.getClassLoader(),
            new Class<?>[] {kernels},
            (proxy, method, arguments) -> {
              calls.add(method.getName());
              if (failure != null) {
                throw failure;
              }
              return method.getReturnType() == int.class ? 0 : null;
            }));
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return noting(MatrixKernels.class);
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return noting(NeuralKernels.class);
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return noting(MemoryKernels.class);
  }

  @Override
  protected ContextKernels contextKernels() {
    return noting(ContextKernels.class);
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return noting(OptimizerKernels.class);
  }

  @Override
  protected RandomKernels randomKernels() {
    return noting(RandomKernels.class);
  }

  @Override
  protected TransferKernels transferKernels() {
    return noting(TransferKernels.class);
  }

  @Override
  protected int processingUnits() {
    return 2;
  }

  @Override
  public void synchronize() {}

  @Override
  public MemoryReport memoryReport() {
    return new MemoryReport(Map.of(), Map.of(), 0, 0);
  }

  @Override
  public void close() {}
}
