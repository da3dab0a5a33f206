// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** Runs the operations of a device: one thread at a time, and timed while a profile runs. */
final class OperationRunner {
  private final ThreadGuard guard;
  private final OperationProfiler profiler;

  OperationRunner(ThreadGuard guard, OperationProfiler profiler) {
    this.guard = guard;
    this.profiler = profiler;
  }

  /** Runs an operation. */
  void run(String operation, Runnable kernel) {
    guard.enter(operation);
    try {
      long started = profiler.start();
      kernel.run();
      profiler.stop(operation, started);
    } finally {
      guard.exit();
    }
  }

  /** Runs an operation that returns a number. */
  int count(String operation, IntSupplier kernel) {
    int[] result = new int[1];
    run(operation, () -> result[0] = kernel.getAsInt());
    return result[0];
  }

  /** Runs an operation that returns an object. */
  <T> T get(String operation, Supplier<T> kernel) {
    guard.enter(operation);
    try {
      long started = profiler.start();
      T result = kernel.get();
      profiler.stop(operation, started);
      return result;
    } finally {
      guard.exit();
    }
  }
}
