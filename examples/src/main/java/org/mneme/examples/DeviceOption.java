// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.util.Optional;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import picocli.CommandLine.Option;

/** The option that chooses a device. */
public final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "ID",
      description = "Device, such as cpu or cuda:0 (default: the best available).")
  private String id;

  /**
   * Opens the chosen device: that of the option, else of {@code -Dmneme.device}, else the best.
   *
   * @throws org.mneme.compute.UserException if it cannot be used
   */
  public Device open() {
    return id == null ? Devices.open() : open(id);
  }

  /**
   * Opens a device by its identifier.
   *
   * @throws org.mneme.compute.UserException if it cannot be used
   */
  public static Device open(String id) {
    return Devices.discover().open(Optional.of(id));
  }
}
