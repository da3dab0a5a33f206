// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.testing;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;

/** Tests that share one open device: that of {@code -Dmneme.device}, or the best there is. */
public abstract class OnDevice {
  /** Static, so that static fixtures can use it; one class of tests runs at a time. */
  protected static Device device;

  @BeforeAll
  static void openDevice() {
    device = Devices.open();
  }

  @AfterAll
  static void closeDevice() {
    device.close();
  }
}
