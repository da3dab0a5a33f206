// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** A device belongs to one thread at a time: a second one is refused, a later one is not. */
public abstract class ThreadConformance extends DeviceTestCase {
  private Tensor floats() {
    return device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 8);
  }

  /** Runs {@code work} while another thread, called "first", is inside the device. */
  private void whileAnotherThreadIsInside(Runnable work) {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread first =
        new Thread(
            () ->
                device
                    .capture(
                        () -> {
                          inside.countDown();
                          await(done);
                        })
                    .close(),
            "first");
    first.start();
    try {
      await(inside);
      work.run();
    } finally {
      done.countDown();
      join(first);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void refused(String what, Runnable work) {
    whileAnotherThreadIsInside(
        () ->
            assertThatIllegalStateException()
                .isThrownBy(work::run)
                .withMessage(
                    "device "
                        + device.info().id()
                        + ": two threads use it at the same time: thread '"
                        + Thread.currentThread().getName()
                        + "' enters "
                        + what
                        + " while thread 'first' is inside capture. Use a device from one thread"
                        + " at a time, or open one device for each thread."));
  }

  @Test
  void aSecondThreadCannotRunAnOperation() {
    try (Tensor x = floats();
        Tensor y = floats()) {
      device.transfer().fill(x, 3);
      device.transfer().fill(y, 4);
      refused("copy", () -> device.transfer().copy(x, y));
      refused("read_floats", () -> device.transfer().readFloats(x));
      refused("add", () -> device.neural().add(x, y, y));
      refused("gemm", () -> device.matrix().gemm(false, true, 1f, x, y, 0f, y.rows(0, 1)));
      assertThat(device.transfer().readFloats(y)).containsOnly(4f);
    }
  }

  @Test
  void aSecondThreadCannotAllocateOrCapture() {
    refused("allocate", this::floats);
    refused("capture", () -> device.capture(() -> {}));
  }

  @Test
  void aSecondThreadCannotCloseAndTheFirstStillCan() {
    Tensor x = floats();
    refused("close of a tensor", x::close);
    assertThat(x.isClosed()).isFalse();
    refused("close of the device", device::close);
    device.transfer().fill(x, 1);
    x.close();
    assertThat(x.isClosed()).isTrue();
  }

  @Test
  void threadsMayTakeTurns() {
    AtomicReference<Tensor> handed = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int turn = 0; turn < 20; turn++) {
      float value = turn;
      Thread next = new Thread(() -> takeOver(handed, value));
      next.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
      next.start();
      join(next);
      assertThat(failure).hasNullValue();
      assertThat(device.transfer().readFloats(handed.get())).containsOnly(value);
    }
    handed.get().close();
  }

  private void takeOver(AtomicReference<Tensor> handed, float value) {
    Tensor x = floats();
    device.transfer().fill(x, value);
    Tensor before = handed.getAndSet(x);
    if (before != null) {
      before.close();
    }
  }

  /** An operation that fails has left the device, on its way through the check of its arguments. */
  @Test
  void aFailedOperationLetsTheNextThreadIn() {
    try (Tensor x = floats();
        Tensor y = floats()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.neural().add(x, x.rows(0, 1), x))
          .withMessageContaining("add");
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  device.capture(
                      () -> {
                        throw new IllegalStateException("failed on purpose");
                      }))
          .withMessage("failed on purpose");
      whileAnotherThreadIsInside(() -> {});
      device.transfer().copy(x, y);
    }
  }

  @Test
  void aThreadMayEnterAgainWhileItIsInside() {
    try (Tensor x = floats()) {
      device
          .capture(
              () -> {
                try (Tensor inner = floats()) {
                  device.transfer().fill(inner, 2);
                  device.transfer().copy(inner, x);
                }
              })
          .close();
      assertThat(device.transfer().readFloats(x)).containsOnly(2f);
      whileAnotherThreadIsInside(() -> {});
    }
  }
}
