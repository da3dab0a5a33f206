// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The machine that this program runs on.
 *
 * @param host its name
 * @param system operating system and architecture
 * @param processors that the program may use
 * @param memory in bytes
 */
public record Machine(String host, String system, int processors, long memory) {
  /** This machine. */
  static Machine found() {
    return new Machine(
        hostName(),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
