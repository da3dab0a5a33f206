// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_STATUS_NONE;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRelease;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamIsCapturing;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.mneme.compute.Closer;

/**
 * A GPU's primary context and the stream on which all of a device's work runs.
 *
 * <p>The context is the one that other libraries in the process use too, so pointers can be
 * exchanged with them.
 */
public final class CudaContext implements AutoCloseable {
  private final CudaGpu gpu;
  private final CUctx_st context = new CUctx_st();
  private final CUstream_st stream = new CUstream_st();
  private final int[] capturing = new int[1];
  private final Deque<Runnable> closers = new ArrayDeque<>();

  /** Retains the context and makes a stream. */
  public CudaContext(CudaGpu gpu) {
    this.gpu = gpu;
    check(cuDevicePrimaryCtxRetain(context, gpu.handle()), "cuDevicePrimaryCtxRetain");
    try {
      makeCurrent();
      check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    } catch (CudaException e) {
      cuDevicePrimaryCtxRelease(gpu.handle());
      throw e;
    }
  }

  /** The GPU. */
  public CudaGpu gpu() {
    return gpu;
  }

  /**
   * Makes the context the calling thread's current one; to be done before every call of the driver
   * or of a library, since other users of the process may have chosen another.
   */
  public void makeCurrent() {
    check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }

  /** The stream. */
  public CUstream_st stream() {
    return stream;
  }

  /** Waits for all work on the stream; an error of that work is thrown here. */
  public void synchronize() {
    makeCurrent();
    check(cuStreamSynchronize(stream), "cuStreamSynchronize");
  }

  /** Whether the stream records instead of running. */
  public boolean isCapturing() {
    check(cuStreamIsCapturing(stream, capturing), "cuStreamIsCapturing");
    return capturing[0] != CU_STREAM_CAPTURE_STATUS_NONE;
  }

  /** Has something run when the context is closed, with the stream at rest, latest first. */
  public void whenClosed(Runnable closer) {
    closers.push(closer);
  }

  /** Waits for the stream, runs what is to run then, and lets the context go. */
  @Override
  public void close() {
    // An error of work before was or will be told elsewhere; what is held has to be let go anyway.
    Closer closer = new Closer();
    closer.add(() -> cuDevicePrimaryCtxRelease(gpu.handle()));
    closer.add(() -> cuStreamDestroy(stream));
    closers.descendingIterator().forEachRemaining(held -> closer.add(held::run));
    closer.add(() -> cuStreamSynchronize(stream));
    closer.add(this::makeCurrent);
    closers.clear();
    closer.close();
  }
}
