// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mneme.compute.DeviceInfo;

/** The memory that a device can give. */
final class MemoryThere {
  /** The device whose memory is that of the machine, of which others use a part. */
  private static final String HOST = "cpu";

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";

  private MemoryThere() {}

  /** In bytes, or −1 if unknown. */
  static long of(DeviceInfo device) {
    if (!device.id().equals(HOST)) {
      return device.totalMemory();
    }
    try {
      return Files.readAllLines(MEMORY).stream()
          .filter(line -> line.startsWith(AVAILABLE))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .map(available -> Math.min(available, device.totalMemory()))
          .findFirst()
          .orElse(device.totalMemory());
    } catch (IOException e) {
      return device.totalMemory(); // not Linux
    }
  }
}
