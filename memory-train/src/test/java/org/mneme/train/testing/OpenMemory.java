// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.util.EnumMap;
import java.util.Map;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.LeakTracker;

/** What is open on a device; workspaces are left out, since a kernel may keep its own. */
final class OpenMemory {
  private final Device device;
  private final Map<MemoryTag, Long> before;

  /** Notes what is open now. */
  OpenMemory(Device device) {
    this.device = device;
    this.before = bytes();
  }

  private Map<MemoryTag, Long> bytes() {
    Map<MemoryTag, Long> bytes = new EnumMap<>(MemoryTag.class);
    bytes.putAll(device.memoryReport().current());
    bytes.remove(MemoryTag.WORKSPACE);
    bytes.values().removeIf(count -> count == 0);
    return bytes;
  }

  /**
   * Checks that the same is open as before.
   *
   * @throws AssertionError telling what is open and, where that is tracked, who opened it
   */
  void requireUnchanged(String when) {
    Map<MemoryTag, Long> now = bytes();
    if (!now.equals(before)) {
      throw new AssertionError(
          "expected the bytes of open tensors after %s to be %s as before, found %s; %s"
              .formatted(when, before, now, open()));
    }
  }

  private String open() {
    LeakTracker tracker =
        device instanceof AbstractDevice tracked ? tracked.leakTracker() : new LeakTracker(false);
    return tracker.enabled()
        ? "open are: " + tracker.openTensors()
        : "-D" + LeakTracker.PROPERTY + "=true tells where they were opened";
  }
}
