// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mneme.compute.Device;

/** Machine and versions, for a report. */
public final class Environment {
  private Environment() {}

  /** What a run ran on. */
  public static Map<String, String> of(Device device) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("device", device.info().id() + ": " + device.info().description());
    environment.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    environment.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    environment.put(
        "Java", System.getProperty("java.vm.name") + " " + Runtime.version().toString());
    environment.put(
        "finished",
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)));
    return environment;
  }
}
