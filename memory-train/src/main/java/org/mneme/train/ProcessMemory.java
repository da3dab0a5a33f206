// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The memory of this process, as Linux tells it. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "VmHWM:";
  private static final String NOW = "VmRSS:";

  private ProcessMemory() {}

  /**
   * Begins to look for the peak anew, where the system allows it; else the next peak is that since
   * the process began, which is still an upper bound.
   *
   * @return whether it does
   */
  public static boolean resetPeak() {
    try {
      Files.writeString(CLEAR, "5");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The most bytes in RAM at once; empty where the system does not tell. */
  public static OptionalLong peakResident() {
    return status(PEAK);
  }

  /** The bytes in RAM now; empty where the system does not tell. */
  public static OptionalLong resident() {
    return status(NOW);
  }

  private static OptionalLong status(String key) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
