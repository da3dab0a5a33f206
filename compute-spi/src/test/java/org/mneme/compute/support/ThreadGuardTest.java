// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThreadGuardTest {
  private final ThreadGuard guard = new ThreadGuard("cpu");

  private static void runInThread(Runnable work) throws InterruptedException {
    Thread thread = new Thread(work, "other");
    thread.start();
    thread.join();
  }

  @Test
  void aSecondThreadIsRefusedUntilTheFirstHasLeftAllItEntered() throws InterruptedException {
    guard.enter("outer");
    guard.enter("inner");
    Thread first = Thread.currentThread();
    AtomicInteger refused = new AtomicInteger();
    Runnable attempt =
        () ->
            assertThatIllegalStateException()
                .isThrownBy(() -> guard.enter("add"))
                .withMessageStartingWith(
                    "device cpu: two threads use it at the same time: thread 'other' enters add"
                        + " while thread '"
                        + first.getName()
                        + "' is inside outer.");
    runInThread(
        () -> {
          attempt.run();
          refused.incrementAndGet();
        });
    guard.exit();
    runInThread(
        () -> {
          attempt.run();
          refused.incrementAndGet();
        });
    guard.exit();
    assertThat(refused).hasValue(2);
    AtomicInteger entered = new AtomicInteger();
    runInThread(
        () -> {
          guard.enter("add");
          entered.incrementAndGet();
          guard.exit();
        });
    assertThat(entered).hasValue(1);
  }

  /** Whatever the timing, no two threads are inside at once. */
  @Test
  void noTwoThreadsAreInsideAtOnce() throws InterruptedException {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(() -> enterOften(start, inside, together));
      threads[i].start();
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(together).hasValue(0);
  }

  private void enterOften(CountDownLatch start, AtomicInteger inside, AtomicInteger together) {
    try {
      start.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < 20_000; i++) {
      try {
        guard.enter("work");
      } catch (IllegalStateException e) {
        continue;
      }
      if (inside.incrementAndGet() > 1) {
        together.incrementAndGet();
      }
      inside.decrementAndGet();
      guard.exit();
    }
  }
}
