// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.mneme.compute.Device;
import org.mneme.compute.kernels.NeuralKernels;

/** A device that fails in the loss of a micro-batch to come: after the forward, before the rest. */
final class FailingDevice {
  private static final String FAILING = "softmaxCrossEntropy";

  private final Device device;
  private int callsLeft;

  /** Wraps a device that is not closed by this object. */
  FailingDevice(Device device) {
    this.device = device;
  }

  /** Lets the n-th loss from now on fail, n from 1. */
  void failIn(int calls) {
    callsLeft = calls;
  }

  /** The device as a model sees it. */
  Device asDevice() {
    return proxy(
        Device.class,
        (method, arguments) ->
            method.getName().equals("neural") ? neural() : call(device, method, arguments));
  }

  private NeuralKernels neural() {
    return proxy(
        NeuralKernels.class,
        (method, arguments) -> {
          if (method.getName().equals(FAILING) && callsLeft > 0 && --callsLeft == 0) {
            throw new IllegalStateException("of the device");
          }
          return call(device.neural(), method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> calls.call(method, arguments)));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Answers the calls of an interface. */
  private interface Calls {
    Object call(Method method, Object[] arguments) throws Throwable;
  }
}
