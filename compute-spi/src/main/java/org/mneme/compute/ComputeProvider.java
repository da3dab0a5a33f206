// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.List;

/**
 * A way to compute, found through {@link java.util.ServiceLoader}.
 *
 * <p>Creating a provider and probing it load nothing heavy; {@link #open} does.
 */
public interface ComputeProvider {
  /** A short name, such as {@code nd4j} or {@code cuda}. */
  String id();

  /** Preference when none is asked for: the highest rank that has an available device wins. */
  int rank();

  /**
   * The devices of this provider and whether they can be used. At least one entry: a provider with
   * no device answers with a status that says why.
   */
  List<DeviceStatus> probe();

  /**
   * Opens a device.
   *
   * @param deviceId an id that {@link #probe} reported as available
   * @throws UserException if it cannot be opened, with the root cause
   */
  Device open(String deviceId);
}
