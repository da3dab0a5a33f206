// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/**
 * The answer to a probe.
 *
 * @param deviceId the id by which the device is chosen, such as {@code cpu} or {@code cuda:0}
 * @param available whether it can be opened
 * @param detail what it is, or the root cause of why it cannot be used
 */
public record DeviceStatus(String deviceId, boolean available, String detail) {
  /** A device that can be opened. */
  public static DeviceStatus available(String deviceId, String detail) {
    return new DeviceStatus(deviceId, true, detail);
  }

  /** A device that cannot be opened, and why. */
  public static DeviceStatus unavailable(String deviceId, String reason) {
    return new DeviceStatus(deviceId, false, reason);
  }
}
