// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;

/**
 * Remembers where open tensors were allocated and where closed ones were closed. Off by default,
 * since each allocation then costs a stack trace; thread-safe.
 */
public final class LeakTracker {
  /** The system property that turns tracking on: {@code -Dmneme.leaks=true}. */
  public static final String PROPERTY = "mneme.leaks";

  private static final Ticket UNTRACKED = new Ticket(null, "", null);

  private final boolean enabled;
  private final Set<Ticket> open = new LinkedHashSet<>();

  /** A tracker that remembers, or one that does nothing. */
  public LeakTracker(boolean enabled) {
    this.enabled = enabled;
  }

  /** A tracker that remembers if {@value #PROPERTY} is set to true. */
  public static LeakTracker fromProperty() {
    return new LeakTracker(Boolean.getBoolean(PROPERTY));
  }

  /** Whether this tracker remembers anything. */
  public boolean enabled() {
    return enabled;
  }

  /** Notes that a tensor was allocated; its owner keeps the ticket and closes it. */
  public Ticket opened(MemoryTag tag, DType dtype, Shape shape) {
    if (!enabled) {
      return UNTRACKED;
    }
    Throwable site = new Throwable("allocated here");
    Ticket ticket = new Ticket(this, tag + " " + dtype + " " + shape, site);
    synchronized (open) {
      open.add(ticket);
    }
    return ticket;
  }

  /** The tensors that are open, oldest first, each with the stack of its allocation. */
  public List<String> openTensors() {
    synchronized (open) {
      List<String> described = new ArrayList<>();
      open.forEach(ticket -> described.add(ticket.what + ", " + stack(ticket.opened)));
      return described;
    }
  }

  private static String stack(Throwable site) {
    StringWriter text = new StringWriter();
    site.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The memory of one tensor's allocation and end. */
  public static final class Ticket {
    private final LeakTracker tracker;
    private final String what;
    private final Throwable opened;
    private Throwable closed;

    private Ticket(LeakTracker tracker, String what, Throwable opened) {
      this.tracker = tracker;
      this.what = what;
      this.opened = opened;
    }

    /** Notes that the tensor was closed here. */
    public void close() {
      if (tracker == null) {
        return;
      }
      synchronized (tracker.open) {
        if (tracker.open.remove(this)) {
          closed = new Throwable("closed here");
        }
      }
    }

    /** The stack of the close; empty while open or untracked. */
    public String whereClosed() {
      return closed == null ? "" : stack(closed);
    }
  }
}
