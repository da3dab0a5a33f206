// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuMemFreeHost;
import static org.bytedeco.cuda.global.cudart.cuMemHostAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD16Async;
import static org.bytedeco.cuda.global.cudart.cuMemsetD32Async;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.nio.ByteBuffer;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.javacpp.BytePointer;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;

/**
 * Copies and fills in the order of a device's stream.
 *
 * <p>Host bytes go through a ring of page-locked buffers, so that a write returns as soon as its
 * bytes are in the ring, and the caller may change its buffer at once.
 */
public final class Copies {
  private static final int SLOTS = 8;
  private static final int SLOT_BYTES = 1 << 20;

  private final CudaContext context;
  private final Slot[] ring = new Slot[SLOTS];
  private int next;

  /** Makes the ring; lets it go when the context is closed. */
  public Copies(CudaContext context) {
    this.context = context;
    context.makeCurrent();
    for (int i = 0; i < SLOTS; i++) {
      Slot slot = new Slot();
      ring[i] = slot;
      context.whenClosed(slot::close);
    }
  }

  /**
   * Enqueues a copy from the host; the buffer is read before this returns.
   *
   * @param source its remaining bytes are copied; its position does not move
   * @param target device address
   * @throws IllegalStateException while a capture is recording: a replay would copy other bytes
   */
  public void write(ByteBuffer source, long target) {
    requireNotRecording("write from the host");
    int bytes = source.remaining();
    int length;
    for (int done = 0; done < bytes; done += length) {
      length = Math.min(SLOT_BYTES, bytes - done);
      Slot slot = ring[next];
      next = (next + 1) % SLOTS;
      slot.await();
      slot.bytes.put(0, source, source.position() + done, length);
      check(
          cuMemcpyHtoDAsync(target + done, slot.pointer, length, context.stream()),
          "cuMemcpyHtoDAsync");
      slot.record();
    }
  }

  /**
   * Copies to the host when all work before is done, and waits.
   *
   * @param source device address
   * @param target its remaining bytes are set; its position does not move
   * @throws IllegalStateException while a capture is recording
   */
  public void read(long source, ByteBuffer target) {
    requireNotRecording("read to the host");
    int bytes = target.remaining();
    int chunks = (int) ((bytes + SLOT_BYTES - 1L) / SLOT_BYTES);
    for (int chunk = 0; chunk < chunks + SLOTS; chunk++) {
      // Once the ring is full, the oldest chunk makes room for the next.
      int oldest = chunk - SLOTS;
      if (oldest >= 0 && oldest < chunks) {
        int done = oldest * SLOT_BYTES;
        Slot slot = ring[oldest % SLOTS];
        slot.await();
        int length = Math.min(SLOT_BYTES, bytes - done);
        target.put(target.position() + done, slot.bytes, 0, length);
      }
      if (chunk < chunks) {
        int done = chunk * SLOT_BYTES;
        Slot slot = ring[chunk % SLOTS];
        slot.await();
        int length = Math.min(SLOT_BYTES, bytes - done);
        check(
            cuMemcpyDtoHAsync(slot.pointer, source + done, length, context.stream()),
            "cuMemcpyDtoHAsync");
        slot.record();
      }
    }
  }

  private void requireNotRecording(String what) {
    context.makeCurrent();
    if (context.isCapturing()) {
      throw new IllegalStateException("cannot " + what + " while a capture is recording");
    }
  }

  /** Enqueues a copy between device addresses whose ranges do not overlap. */
  public void copy(long source, long target, long bytes) {
    context.makeCurrent();
    check(cuMemcpyDtoDAsync(target, source, bytes, context.stream()), "cuMemcpyDtoDAsync");
  }

  /** Enqueues the setting of {@code count} elements of two bytes. */
  public void fill16(long target, short bits, long count) {
    context.makeCurrent();
    check(cuMemsetD16Async(target, bits, count, context.stream()), "cuMemsetD16Async");
  }

  /** Enqueues the setting of {@code count} elements of four bytes. */
  public void fill32(long target, int bits, long count) {
    context.makeCurrent();
    check(cuMemsetD32Async(target, bits, count, context.stream()), "cuMemsetD32Async");
  }

  /** A page-locked buffer, and the event after the last copy that used it. */
  private final class Slot {
    private final BytePointer pointer = new BytePointer();
    private final ByteBuffer bytes;
    private final CUevent_st event = new CUevent_st();

    Slot() {
      check(cuMemHostAlloc(pointer, SLOT_BYTES, 0), "cuMemHostAlloc");
      try {
        bytes = pointer.capacity(SLOT_BYTES).asByteBuffer();
        check(cuEventCreate(event, CU_EVENT_DISABLE_TIMING), "cuEventCreate");
      } catch (RuntimeException | Error e) {
        cuMemFreeHost(pointer);
        throw e;
      }
    }

    /** Waits until the buffer is free; at once if no copy has used it. */
    void await() {
      check(cuEventSynchronize(event), "cuEventSynchronize");
    }

    void record() {
      check(cuEventRecord(event, context.stream()), "cuEventRecord");
    }

    void close() {
      cuEventDestroy(event);
      cuMemFreeHost(pointer);
    }
  }
}
