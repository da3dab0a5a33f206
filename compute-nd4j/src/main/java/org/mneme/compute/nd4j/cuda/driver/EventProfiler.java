// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CU_EVENT_DEFAULT;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.OperationProfiler;

/**
 * Times operations with events on the stream, so that the device is not waited for in between. What
 * is recorded into a graph is not timed, neither then nor at replays.
 */
public final class EventProfiler extends OperationProfiler {
  private static final long NOT_TIMED = -1;
  private static final double NANOS_PER_MILLISECOND = 1e6;

  private final AbstractDevice device;
  private final Supplier<CudaContext> context;
  private final List<CUevent_st> events = new ArrayList<>();

  /** For each pair of events the operation between them; null for a matrix product inside one. */
  private final List<String> operations = new ArrayList<>();

  private final List<Boolean> ended = new ArrayList<>();

  /** Recorded when the profile began. */
  private CUevent_st origin;

  /**
   * A profiler of operations of {@code device}.
   *
   * @param context is asked for once a profile runs
   */
  public EventProfiler(AbstractDevice device, Supplier<CudaContext> context) {
    super(device::synchronize);
    this.device = device;
    this.context = context;
  }

  @Override
  protected void begun() {
    CudaContext at = context.get();
    at.makeCurrent();
    if (origin == null) {
      origin = create();
      at.whenClosed(() -> cuEventDestroy(origin));
    }
    check(cuEventRecord(origin, at.stream()), "cuEventRecord");
  }

  @Override
  public long start() {
    if (!active() || device.recording()) {
      return NOT_TIMED;
    }
    int pair = operations.size();
    operations.add(null);
    ended.add(false);
    record(2 * pair);
    return pair;
  }

  @Override
  public void stop(String operation, long started) {
    if (started != NOT_TIMED) {
      operations.set((int) started, operation);
      end(started);
    }
  }

  /** Called after a matrix product that was begun by {@link #start}. */
  void stopGemm(long started) {
    if (started != NOT_TIMED) {
      end(started);
    }
  }

  private void end(long pair) {
    ended.set((int) pair, true);
    record(2 * (int) pair + 1);
  }

  private void record(int event) {
    CudaContext at = context.get();
    at.makeCurrent();
    while (events.size() <= event) {
      events.add(create());
      if (events.size() == 1) {
        at.whenClosed(() -> events.forEach(one -> cuEventDestroy(one)));
      }
    }
    check(cuEventRecord(events.get(event), at.stream()), "cuEventRecord");
  }

  private static CUevent_st create() {
    CUevent_st created = new CUevent_st();
    check(cuEventCreate(created, CU_EVENT_DEFAULT), "cuEventCreate");
    return created;
  }

  private static long nanos(CUevent_st from, CUevent_st to) {
    float[] milliseconds = new float[1];
    check(cuEventElapsedTime(milliseconds, from, to), "cuEventElapsedTime");
    return Math.round(milliseconds[0] * NANOS_PER_MILLISECOND);
  }

  @Override
  protected void collect() {
    for (int pair = 0; pair < operations.size(); pair++) {
      if (ended.get(pair)) {
        CUevent_st start = events.get(2 * pair);
        long nanos = nanos(start, events.get(2 * pair + 1));
        if (operations.get(pair) == null) {
          addGemm(nanos);
        } else {
          add(operations.get(pair), nanos(origin, start), nanos);
        }
      }
    }
    operations.clear();
    ended.clear();
  }
}
