// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.mneme.compute.OperationProfile;

/**
 * Adds up the time of operations while a profile runs; does next to nothing otherwise.
 *
 * <p>The clock is the host's, read after the device has come to rest, so profiling takes the
 * overlap out of an asynchronous device. A provider that times with device events overrides {@link
 * #start} and {@link #stop} and adds what it measured with {@link #add}.
 */
public class OperationProfiler {
  private final Runnable barrier;
  private final Map<String, Total> totals = new HashMap<>();
  private final List<OperationProfile.Span> spans = new ArrayList<>();
  private final LongAdder gemmNanos = new LongAdder();
  private volatile boolean active;
  private long began;

  /**
   * Creates a profiler that is not active.
   *
   * @param barrier waits for the device; run before the clock is read
   */
  public OperationProfiler(Runnable barrier) {
    this.barrier = barrier;
  }

  /** Whether a profile runs. */
  public final boolean active() {
    return active;
  }

  /** Adds nanoseconds that one thread spent inside a matrix product; from any thread. */
  public final void addGemm(long threadNanos) {
    if (active) {
      gemmNanos.add(threadNanos);
    }
  }

  /** Called before an operation; the answer goes to {@link #stop}. */
  public long start() {
    return active ? System.nanoTime() : 0;
  }

  /** Called after an operation that was begun by {@link #start}. */
  public void stop(String operation, long started) {
    if (active) {
      barrier.run();
      add(operation, started - began, System.nanoTime() - started);
    }
  }

  /**
   * Called when the device has come to rest at the beginning and at the end of a profile: adds what
   * was not added yet.
   */
  protected void collect() {}

  /** Called when a profile begins and the device is at rest: what is added is counted from here. */
  protected void begun() {}

  /**
   * Adds one call of an operation.
   *
   * @param start nanoseconds since the profile began
   * @param nanos how long it took
   */
  protected final void add(String operation, long start, long nanos) {
    Total total = totals.computeIfAbsent(operation, name -> new Total());
    total.calls++;
    total.nanos += nanos;
    spans.add(new OperationProfile.Span(operation, start / 1e9, nanos / 1e9));
  }

  /**
   * Runs and measures some work.
   *
   * @param units processing units that could do matrix products at the same time, ≥ 1
   * @throws IllegalStateException if a profile runs already
   */
  final OperationProfile run(Runnable work, int units) {
    if (active) {
      throw new IllegalStateException("a profile runs already on this device");
    }
    barrier.run();
    collect();
    totals.clear();
    spans.clear();
    gemmNanos.reset();
    active = true;
    began = System.nanoTime();
    try {
      begun();
      work.run();
      barrier.run();
      collect();
      return result(System.nanoTime() - began, units);
    } finally {
      active = false;
    }
  }

  private OperationProfile result(long nanos, int units) {
    List<OperationProfile.OperationTime> times = new ArrayList<>();
    totals.forEach(
        (name, total) ->
            times.add(new OperationProfile.OperationTime(name, total.calls, total.nanos / 1e9)));
    times.sort(
        Comparator.comparingDouble(OperationProfile.OperationTime::seconds)
            .reversed()
            .thenComparing(OperationProfile.OperationTime::name));
    spans.sort(Comparator.comparingDouble(OperationProfile.Span::start));
    double share = nanos == 0 ? 0 : Math.min(1, gemmNanos.sum() / ((double) nanos * units));
    return new OperationProfile(times, spans, nanos / 1e9, share);
  }

  private static final class Total {
    private long calls;
    private long nanos;
  }
}
