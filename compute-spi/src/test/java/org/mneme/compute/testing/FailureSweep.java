// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;

/**
 * Runs a piece of work again and again, each time with another of its allocations or operations
 * failing, until it gets through: every failure must be reported, and none may leave a tensor open.
 */
public final class FailureSweep {
  private static final String CPU_THREADS = "mneme.cpu.threads";

  private final Device inner;
  private final Consumer<Device> work;

  /**
   * Prepares a sweep.
   *
   * @param inner the device that does the work, open
   * @param work is deterministic and closes all that it opens
   */
  public FailureSweep(Device inner, Consumer<Device> work) {
    this.inner = inner;
    this.work = work;
  }

  /**
   * Opens the best device, with one thread if that is the CPU: a sweep runs thousands of operations
   * on a few elements each, which further threads only slow down.
   */
  public static Device openDevice() {
    String before = System.getProperty(CPU_THREADS);
    System.setProperty(CPU_THREADS, "1");
    try {
      return Devices.open();
    } finally {
      if (before == null) {
        System.clearProperty(CPU_THREADS);
      } else {
        System.setProperty(CPU_THREADS, before);
      }
    }
  }

  /**
   * Lets each allocation fail in turn.
   *
   * @return the number of allocations of the work
   */
  public long allocations() {
    return sweep("allocation", FaultyDevice::failAllocation, 1);
  }

  /**
   * Lets fail the last allocation of each chain of calls in turn. A loop that allocates from one
   * place needs no failure in each of its turns, which makes a sweep over long work affordable; by
   * the last turn most is open.
   *
   * @return the number of allocations that failed
   */
  public long places() {
    FaultyDevice noted = new FaultyDevice(inner).notePlaces();
    assertThat(failure(noted)).as("without a failing allocation").isNull();
    Map<List<StackTraceElement>, Integer> last = new LinkedHashMap<>();
    List<List<StackTraceElement>> places = noted.places();
    for (int i = 0; i < places.size(); i++) {
      last.put(places.get(i), i + 1);
    }
    for (int number : last.values()) {
      assertThat(fails("allocation", FaultyDevice::failAllocation, number)).isTrue();
    }
    return last.size();
  }

  /**
   * Lets every n-th operation fail in turn, from the first on.
   *
   * @return the number of operations that failed
   */
  public long operations(int stride) {
    return sweep("operation", FaultyDevice::failOperation, stride);
  }

  private long sweep(String kind, ObjLongConsumer<FaultyDevice> failAt, int stride) {
    long failures = 0;
    for (long number = 1; fails(kind, failAt, number); number += stride) {
      failures++;
    }
    return failures;
  }

  /** Returns whether the work comes to what is to fail. */
  private boolean fails(String kind, ObjLongConsumer<FaultyDevice> failAt, long number) {
    FaultyDevice device = new FaultyDevice(inner);
    failAt.accept(device, number);
    Throwable failure = failure(device);
    assertThat(device.memoryReport().current().values())
        .as("bytes in use after %s %d failed (%s)", kind, number, failure)
        .allMatch(bytes -> bytes == 0);
    if (!device.failed()) {
      assertThat(failure).as("without a failing %s", kind).isNull();
      return false;
    }
    assertThat(reports(failure, kind + " " + number + " fails on purpose"))
        .as("failure of %s %d is reported, found %s", kind, number, failure)
        .isTrue();
    return true;
  }

  private Throwable failure(FaultyDevice device) {
    try {
      work.accept(device);
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private static boolean reports(Throwable failure, String message) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains(message)) {
        return true;
      }
    }
    return false;
  }
}
