// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Detects that a thread enters a device while another one is inside.
 *
 * <p>A device's memory pool, scratch buffers and tensors are not synchronised: two threads in it at
 * once would write over each other's results and hand out the same memory twice. One thread after
 * the other is fine, and so is a thread that enters again while it is inside, as an operation does
 * that allocates scratch memory. Entering and leaving cost one atomic operation each.
 */
public final class ThreadGuard {
  private final String device;
  private final AtomicReference<Thread> inside = new AtomicReference<>();

  /** Of the thread inside. Others read it for a message only. */
  private volatile String operation = "";

  private int depth;

  /**
   * Creates the guard of a device.
   *
   * @param device the id of the device, for messages
   */
  public ThreadGuard(String device) {
    this.device = device;
  }

  /**
   * Enters the device; {@link #exit} must follow in a {@code finally} block.
   *
   * @param entered what the thread is about to do, for messages
   * @throws IllegalStateException if another thread is inside; this one has not entered then
   */
  public void enter(String entered) {
    Thread me = Thread.currentThread();
    Thread other = inside.compareAndExchange(null, me);
    if (other == null) {
      operation = entered;
    } else if (other == me) {
      depth++;
    } else {
      throw conflict(entered, me, other);
    }
  }

  /**
   * Checks that no other thread is inside, and enters nothing.
   *
   * @param attempted what the thread is about to do, for messages
   * @throws IllegalStateException if another thread is inside
   */
  public void requireNoOther(String attempted) {
    Thread me = Thread.currentThread();
    Thread other = inside.get();
    if (other != null && other != me) {
      throw conflict(attempted, me, other);
    }
  }

  /** Leaves the device, once for each {@link #enter} that returned. */
  public void exit() {
    if (depth > 0) {
      depth--;
    } else {
      inside.setRelease(null);
    }
  }

  private IllegalStateException conflict(String entered, Thread me, Thread other) {
    return new IllegalStateException(
        "device "
            + device
            + ": two threads use it at the same time: thread '"
            + me.getName()
            + "' enters "
            + entered
            + " while thread '"
            + other.getName()
            + "' is inside "
            + operation
            + ". Use a device from one thread at a time, or open one device for each thread.");
  }
}
