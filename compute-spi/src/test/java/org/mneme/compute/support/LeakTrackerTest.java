// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;

class LeakTrackerTest {
  @Test
  void remembersWhereOpenTensorsWereAllocated() {
    LeakTracker tracker = new LeakTracker(true);
    LeakTracker.Ticket first = tracker.opened(MemoryTag.WEIGHTS, DType.F32, Shape.of(2, 3));
    LeakTracker.Ticket second = tracker.opened(MemoryTag.ACTIVATIONS, DType.I32, Shape.of(5));
    first.close();
    first.close();
    assertThat(tracker.openTensors())
        .singleElement()
        .asString()
        .startsWith("ACTIVATIONS I32 [5], ")
        .contains("remembersWhereOpenTensorsWereAllocated");
    assertThat(first.whereClosed()).contains("closed here");
    assertThat(second.whereClosed()).isEmpty();
  }

  @Test
  void doesNothingWhenOff() {
    LeakTracker tracker = new LeakTracker(false);
    LeakTracker.Ticket ticket = tracker.opened(MemoryTag.WEIGHTS, DType.F32, Shape.of(1));
    assertThat(tracker.openTensors()).isEmpty();
    ticket.close();
    assertThat(ticket.whereClosed()).isEmpty();
  }
}
