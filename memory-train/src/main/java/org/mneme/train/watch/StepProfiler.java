// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.compute.OperationProfile;

/**
 * Takes down what the host and the device do in training steps, from {@link #begin} to {@link
 * #end}; does nothing before and after. What is computed stays the same.
 */
public final class StepProfiler {
  private final Device device;
  private final LongSupplier nanoTime;
  private final List<Span> phases = new ArrayList<>();
  private final List<Span> operations = new ArrayList<>();
  private double seconds;
  private double gemmSeconds;
  private boolean active;
  private long began;

  /** A profiler of the operations of a device. */
  public StepProfiler(Device device) {
    this(device, System::nanoTime);
  }

  StepProfiler(Device device, LongSupplier nanoTime) {
    this.device = device;
    this.nanoTime = nanoTime;
  }

  /** Whether it takes down: operations are then to be launched one by one. */
  public boolean active() {
    return active;
  }

  /** Begins anew. */
  public void begin() {
    phases.clear();
    operations.clear();
    seconds = 0;
    gemmSeconds = 0;
    began = nanoTime.getAsLong();
    active = true;
  }

  /** Runs work that launches operations and, if it takes down, waits for them. */
  public void launches(String phase, Runnable work) {
    if (active) {
      profile(phase, work);
    } else {
      work.run();
    }
  }

  /** Like {@link #launches}, for work with a result. */
  public <T> T launching(String phase, Supplier<T> work) {
    AtomicReference<T> result = new AtomicReference<>();
    launches(phase, () -> result.set(work.get()));
    return result.get();
  }

  private void profile(String phase, Runnable work) {
    double[] origin = new double[1];
    OperationProfile profile =
        device.profile(
            () -> {
              origin[0] = sinceBegin();
              work.run();
            });
    phases.add(new Span(phase, origin[0], profile.seconds()));
    for (OperationProfile.Span span : profile.spans()) {
      operations.add(new Span(span.name(), origin[0] + span.start(), span.seconds()));
    }
    seconds += profile.seconds();
    gemmSeconds += profile.gemmShare() * profile.seconds();
  }

  /**
   * Runs work of which only the host's time is taken down; it may be a part of other work.
   *
   * @return what the work gives
   */
  public <T> T phase(String name, Supplier<T> work) {
    if (!active) {
      return work.get();
    }
    double start = sinceBegin();
    T result = work.get();
    phases.add(new Span(name, start, sinceBegin() - start));
    return result;
  }

  /** Like {@link #phase(String, Supplier)}. */
  public void phase(String name, Runnable work) {
    phase(
        name,
        () -> {
          work.run();
          return null;
        });
  }

  private double sinceBegin() {
    return (nanoTime.getAsLong() - began) / 1e9;
  }

  /** Ends the profile. */
  public StepProfile end() {
    active = false;
    return new StepProfile(phases, operations, seconds, seconds == 0 ? 0 : gemmSeconds / seconds);
  }
}
