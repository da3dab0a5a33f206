// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.lang.reflect.Proxy;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** A tensor that looks right but lives on some other device. */
record ForeignTensor(DType dtype, Shape shape, Device device) implements Tensor {
  ForeignTensor(Tensor like) {
    this(like.dtype(), like.shape(), elsewhere());
  }

  private static Device elsewhere() {
    DeviceInfo info = new DeviceInfo("elsewhere", "none", "a stranger", Set.of(), -1);
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("info")) {
                return info;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  @Override
  public Tensor rows(long from, long to) {
    return new ForeignTensor(dtype, shape.withFirst(to - from), device);
  }

  @Override
  public Tensor reshape(Shape other) {
    return new ForeignTensor(dtype, other, device);
  }

  @Override
  public boolean isClosed() {
    return false;
  }

  @Override
  public void close() {}
}
