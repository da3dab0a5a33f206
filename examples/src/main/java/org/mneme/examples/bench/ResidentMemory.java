// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The peak of the process's resident memory, as Linux counts it; unknown elsewhere. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "VmHWM:";

  private ResidentMemory() {}

  /** Begins to count anew, where the system allows it. */
  static void resetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      // The peak then is that of the whole process, which is still an upper bound.
    }
  }

  /** Bytes, or −1. */
  static long peak() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(PEAK)) {
          String kilobytes = line.substring(PEAK.length()).replace("kB", "").strip();
          return Long.parseLong(kilobytes) * 1024;
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return -1;
  }
}
