// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.blas;

import static org.bytedeco.cuda.global.cudart.CU_EVENT_DEFAULT;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.nd4j.cuda.driver.CudaException;

/** Measures how long the stream works on something. */
final class Stopwatch implements AutoCloseable {
  private final CudaContext context;
  private final CUevent_st begin = new CUevent_st();
  private final CUevent_st end = new CUevent_st();
  private final float[] milliseconds = new float[1];

  Stopwatch(CudaContext context) {
    this.context = context;
    check(cuEventCreate(begin, CU_EVENT_DEFAULT), "cuEventCreate");
    try {
      check(cuEventCreate(end, CU_EVENT_DEFAULT), "cuEventCreate");
    } catch (CudaException e) {
      cuEventDestroy(begin);
      throw e;
    }
  }

  /** Milliseconds of what {@code work} enqueues; waits for it. */
  float time(Runnable work) {
    check(cuEventRecord(begin, context.stream()), "cuEventRecord");
    work.run();
    check(cuEventRecord(end, context.stream()), "cuEventRecord");
    check(cuEventSynchronize(end), "cuEventSynchronize");
    check(cuEventElapsedTime(milliseconds, begin, end), "cuEventElapsedTime");
    return milliseconds[0];
  }

  @Override
  public void close() {
    cuEventDestroy(begin);
    cuEventDestroy(end);
  }
}
