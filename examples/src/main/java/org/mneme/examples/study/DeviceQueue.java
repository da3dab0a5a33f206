// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.google.common.base.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.mneme.compute.Device;

/** Devices that work through a list of tasks, each with one task at a time. */
final class DeviceQueue {
  private final BlockingQueue<Supplier<Device>> idle;
  private final int devices;

  /**
   * A queue.
   *
   * @param devices what opens each of them, at least one; one that is named twice has two tasks at
   *     a time
   */
  DeviceQueue(List<Supplier<Device>> devices) {
    this.idle = new LinkedBlockingQueue<>(devices);
    this.devices = devices.size();
  }

  /**
   * Does all tasks, begun in their order, each as soon as a device is idle. What one throws is
   * thrown here once the tasks at work have ended; those that were not begun are left undone.
   *
   * @param how what is done with a task and the opener of the device that is idle
   * @return what came of them, in the order of the tasks
   */
  <T, R> List<R> work(List<T> tasks, BiFunction<Supplier<Device>, T, R> how) {
    ExecutorService threads = Executors.newFixedThreadPool(devices);
    try {
      List<Future<R>> begun = new ArrayList<>();
      for (T task : tasks) {
        begun.add(threads.submit(() -> onIdleDevice(task, how)));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> each : begun) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while devices were at work", e);
    } finally {
      end(threads);
    }
  }

  private <T, R> R onIdleDevice(T task, BiFunction<Supplier<Device>, T, R> how)
      throws InterruptedException {
    Supplier<Device> device = idle.take();
    try {
      return how.apply(device, task);
    } finally {
      idle.add(device);
    }
  }

  /** Nothing that tasks share may be closed while one of them is at work. */
  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    try {
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
