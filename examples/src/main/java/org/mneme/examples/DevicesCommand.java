// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.io.PrintWriter;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.Devices;
import org.mneme.compute.Devices.ProviderStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what every provider found, or why it cannot run. */
@Command(
    name = "devices",
    description = "Print each compute provider's devices, or why it has none.",
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    for (ProviderStatus provider : Devices.discover().probe()) {
      for (DeviceStatus device : provider.devices()) {
        out.printf(
            "%-8s %-8s %-13s %s%n",
            provider.provider(),
            device.deviceId(),
            device.available() ? "available" : "not available",
            device.detail());
      }
    }
    out.flush();
  }
}
