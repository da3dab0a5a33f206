// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share the rows of an operation with the thread that calls it.
 *
 * <p>A range is cut into chunks whose borders depend on its length and grain only; threads claim
 * chunks one after the other. A task that keeps one result for each chunk thus gives the same bits
 * with any number of threads. Workers spin for a moment after their last chunk, so that the next
 * operation finds them awake, and then park; nobody waits for a worker that claimed nothing.
 *
 * <p>One thread at a time may call; a call from within a task runs on the calling thread alone.
 */
public final class Workers implements AutoCloseable {
  /** Part of the work. */
  @FunctionalInterface
  public interface RangeTask {
    /**
     * Does the elements {@code from} (inclusive) to {@code to} (exclusive), one whole chunk.
     *
     * @param worker which worker this is, 0 … {@link Workers#count()} − 1
     */
    void run(long from, long to, int worker);
  }

  private static final long SPIN_NANOS = 200_000;

  private final Worker[] threads;
  private final AtomicReference<Job> current = new AtomicReference<>();
  private volatile boolean closed;
  private boolean calling;

  /**
   * Starts the threads.
   *
   * @param count how many work together, the caller included; at least 1
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("the number of workers must be >= 1, found " + count);
    }
    threads = new Worker[count - 1];
    try {
      for (int i = 0; i < threads.length; i++) {
        threads[i] = new Worker(i + 1);
        threads[i].start();
      }
    } catch (RuntimeException | Error e) {
      // The system may refuse a thread; those that have started must end.
      closed = true;
      throw e;
    }
  }

  /** How many work together, the caller included. */
  public int count() {
    return threads.length + 1;
  }

  /** The number of chunks of a range. */
  public static long chunks(long count, long grain) {
    return (count + grain - 1) / grain;
  }

  /**
   * Runs {@code task} on the chunks of 0 … count−1 and returns when all are done. If chunks fail,
   * the first failure seen is thrown and chunks not yet begun are left out.
   *
   * @param count elements in all
   * @param grain elements of each chunk, the last one perhaps fewer; at least 1
   */
  public void forRange(long count, long grain, RangeTask task) {
    long chunks = chunks(count, grain);
    Thread thread = Thread.currentThread();
    if (thread instanceof Worker worker && worker.workers() == this) {
      runAlone(count, grain, task, worker.number);
    } else if (chunks <= 1 || threads.length == 0 || calling) {
      runAlone(count, grain, task, 0);
    } else {
      calling = true;
      try {
        share(new Job(count, grain, chunks, task, thread));
      } finally {
        calling = false;
      }
    }
  }

  private static void runAlone(long count, long grain, RangeTask task, int worker) {
    for (long from = 0; from < count; from += grain) {
      task.run(from, Math.min(count, from + grain), worker);
    }
  }

  private void share(Job job) {
    current.set(job);
    for (int i = 0; i < Math.min(threads.length, job.chunks - 1); i++) {
      if (threads[i].parked) {
        LockSupport.unpark(threads[i]);
      }
    }
    job.work(0);
    job.await();
    // What the task holds on to must not live until the next operation.
    current.compareAndSet(job, null);
    Throwable failure = job.failure.get();
    if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    for (Worker thread : threads) {
      LockSupport.unpark(thread);
    }
  }

  private static final class Job {
    final long count;
    final long grain;
    final long chunks;
    final RangeTask task;
    final Thread caller;
    final AtomicLong claimed = new AtomicLong();
    final AtomicLong done = new AtomicLong();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    volatile boolean callerParked;

    Job(long count, long grain, long chunks, RangeTask task, Thread caller) {
      this.count = count;
      this.grain = grain;
      this.chunks = chunks;
      this.task = task;
      this.caller = caller;
    }

    void work(int worker) {
      for (long chunk = claimed.getAndIncrement();
          chunk < chunks;
          chunk = claimed.getAndIncrement()) {
        if (failure.get() == null) {
          try {
            task.run(chunk * grain, Math.min(count, (chunk + 1) * grain), worker);
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          }
        }
        if (done.incrementAndGet() == chunks && callerParked) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await() {
      long start = System.nanoTime();
      for (int spins = 0; done.get() < chunks; spins++) {
        Thread.onSpinWait();
        if ((spins & 63) == 63 && System.nanoTime() - start > SPIN_NANOS) {
          callerParked = true;
          while (done.get() < chunks) {
            LockSupport.park(this);
          }
        }
      }
    }
  }

  private final class Worker extends Thread {
    final int number;
    volatile boolean parked;

    Worker(int number) {
      super("mneme-cpu-" + number);
      this.number = number;
      setDaemon(true);
    }

    Workers workers() {
      return Workers.this;
    }

    @Override
    public void run() {
      for (Job job = next(); job != null; job = next()) {
        job.work(number);
      }
    }

    /** The next job with chunks to claim; null once closed. */
    private Job next() {
      long start = System.nanoTime();
      for (int spins = 1; !closed; spins++) {
        Job job = claimable();
        if (job != null) {
          return job;
        }
        Thread.onSpinWait();
        if ((spins & 63) == 0 && System.nanoTime() - start > SPIN_NANOS) {
          parked = true;
          if (!closed && claimable() == null) {
            LockSupport.park(this);
          }
          parked = false;
          start = System.nanoTime();
        }
      }
      return null;
    }

    private Job claimable() {
      Job job = current.get();
      return job != null && job.claimed.get() < job.chunks ? job : null;
    }
  }
}
