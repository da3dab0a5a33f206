// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyElementIsDoneOnce(int threads) {
    try (Workers workers = new Workers(threads)) {
      assertThat(workers.count()).isEqualTo(threads);
      for (int count : new int[] {0, 1, 7, 64, 1000}) {
        for (int grain : new int[] {1, 3, 64, 5000}) {
          AtomicIntegerArray done = new AtomicIntegerArray(count);
          workers.forRange(
              count,
              grain,
              (from, to, worker) -> {
                assertThat(worker).isBetween(0, threads - 1);
                for (long i = from; i < to; i++) {
                  done.incrementAndGet((int) i);
                }
              });
          for (int i = 0; i < count; i++) {
            assertThat(done.get(i)).isEqualTo(1);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void chunkBordersDependOnCountAndGrainOnly(int threads) {
    try (Workers workers = new Workers(threads)) {
      Set<String> chunks = ConcurrentHashMap.newKeySet();
      workers.forRange(10, 4, (from, to, worker) -> chunks.add(from + "-" + to));
      assertThat(chunks).containsExactlyInAnyOrder("0-4", "4-8", "8-10");
    }
  }

  @Test
  void aRangeBeyondIntIsCutInLongs() {
    try (Workers workers = new Workers(2)) {
      Set<Long> starts = ConcurrentHashMap.newKeySet();
      workers.forRange(5L << 31, 1L << 31, (from, to, worker) -> starts.add(from));
      assertThat(starts).containsExactlyInAnyOrder(0L, 1L << 31, 2L << 31, 3L << 31, 4L << 31);
    }
  }

  @Test
  void severalThreadsTakePart() {
    try (Workers workers = new Workers(3)) {
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      Set<Integer> numbers = ConcurrentHashMap.newKeySet();
      AtomicInteger inside = new AtomicInteger();
      workers.forRange(
          3,
          1,
          (from, to, worker) -> {
            threads.add(Thread.currentThread());
            numbers.add(worker);
            inside.incrementAndGet();
            while (inside.get() < 3) {
              Thread.onSpinWait();
            }
          });
      assertThat(threads).hasSize(3).contains(Thread.currentThread());
      assertThat(numbers).containsExactlyInAnyOrder(0, 1, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theFirstFailureIsThrownAndTheWorkersGoOn(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int round = 0; round < 50; round++) {
        assertThatThrownBy(
                () ->
                    workers.forRange(
                        100,
                        1,
                        (from, to, worker) -> {
                          if (from >= 10) {
                            throw new IllegalStateException("chunk " + from);
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("chunk ");
        assertThatThrownBy(
                () ->
                    workers.forRange(
                        2,
                        1,
                        (from, to, worker) -> {
                          throw new AssertionError("error");
                        }))
            .isInstanceOf(AssertionError.class);
      }
      AtomicInteger done = new AtomicInteger();
      workers.forRange(20, 1, (from, to, worker) -> done.incrementAndGet());
      assertThat(done).hasValue(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aCallFromWithinATaskStaysOnItsThread(int threads) {
    try (Workers workers = new Workers(threads)) {
      AtomicInteger done = new AtomicInteger();
      workers.forRange(
          16,
          1,
          (from, to, outer) -> {
            Thread thread = Thread.currentThread();
            workers.forRange(
                8,
                2,
                (innerFrom, innerTo, inner) -> {
                  assertThat(inner).isEqualTo(outer);
                  assertThat(Thread.currentThread()).isSameAs(thread);
                  done.addAndGet((int) (innerTo - innerFrom));
                });
          });
      assertThat(done).hasValue(16 * 8);
    }
  }

  @Test
  void parkedWorkersWakeUp() {
    try (Workers workers = new Workers(2)) {
      for (int round = 0; round < 20; round++) {
        LockSupport.parkNanos(2_000_000);
        AtomicInteger inside = new AtomicInteger();
        workers.forRange(
            2,
            1,
            (from, to, worker) -> {
              inside.incrementAndGet();
              while (inside.get() < 2) {
                Thread.onSpinWait();
              }
            });
        assertThat(inside).hasValue(2);
      }
    }
  }

  @Test
  void closingEndsTheThreads() throws InterruptedException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    AtomicInteger inside = new AtomicInteger();
    Workers workers = new Workers(2);
    workers.forRange(
        2,
        1,
        (from, to, worker) -> {
          threads.add(Thread.currentThread());
          inside.incrementAndGet();
          while (inside.get() < 2) {
            Thread.onSpinWait();
          }
        });
    workers.close();
    threads.remove(Thread.currentThread());
    assertThat(threads).hasSize(1);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void atLeastOneWorker() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 0");
  }
}
