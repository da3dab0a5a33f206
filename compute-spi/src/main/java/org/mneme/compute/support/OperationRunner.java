// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.util.ArrayList;
import java.util.List;
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
    } catch (ArithmeticException e) {
      throw tooLarge(operation, e);
    } finally {
      guard.exit();
    }
  }

  /**
   * Kernels count in 32 bits where memory would not last for more, and convert extents exactly: a
   * tensor beyond that is refused and not handled in part.
   */
  private static IllegalArgumentException tooLarge(String operation, ArithmeticException cause) {
    return new IllegalArgumentException(
        operation
            + ": a tensor is too large for this operation: expected extents and counts below 2^31 - 2^16."
            + " Lower the batch size, the sequence length or the number of memory entries.",
        cause);
  }

  /** Runs an operation that returns a number. */
  int count(String operation, IntSupplier kernel) {
    int[] result = new int[1];
    run(operation, () -> result[0] = kernel.getAsInt());
    return result[0];
  }

  /** Runs an operation that returns an object. */
  <T> T get(String operation, Supplier<T> kernel) {
    List<T> result = new ArrayList<>(1);
    run(operation, () -> result.add(kernel.get()));
    return result.get(0);
  }
}
