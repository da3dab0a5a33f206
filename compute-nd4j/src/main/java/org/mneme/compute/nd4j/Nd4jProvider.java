// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.mneme.compute.ComputeProvider;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.UserException;

/** Offers the CPU as the device {@code cpu}. */
public final class Nd4jProvider implements ComputeProvider {
  /** The id of the only device. */
  public static final String DEVICE_ID = "cpu";

  /** The system property that sets the number of threads; by default, one for each processor. */
  public static final String THREADS_PROPERTY = "mneme.cpu.threads";

  /** No machine has more cores, and far below the threads that a process may start. */
  private static final int MOST_THREADS = 4096;

  static final String ID = "nd4j";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public List<DeviceStatus> probe() {
    ClassLoader loader = Nd4jProvider.class.getClassLoader();
    if (loader.getResource("org/bytedeco/javacpp/Loader.class") == null) {
      return List.of(
          DeviceStatus.unavailable(
              DEVICE_ID, "JavaCPP is not on the class path; add org.bytedeco:javacpp"));
    }
    NativeLibraries libraries =
        new NativeLibraries(name -> loader.getResource(name) != null, Loader.getPlatform());
    Optional<String> missing = libraries.missing();
    return List.of(
        missing
            .map(reason -> DeviceStatus.unavailable(DEVICE_ID, reason))
            .orElseGet(() -> DeviceStatus.available(DEVICE_ID, detail(libraries))));
  }

  private static String detail(NativeLibraries libraries) {
    return Runtime.getRuntime().availableProcessors()
        + " processors, ND4J for "
        + libraries.nd4jBuild().orElseThrow();
  }

  @Override
  public Device open(String deviceId) {
    if (!DEVICE_ID.equals(deviceId)) {
      throw new UserException(
          "provider " + ID + " has no device '" + deviceId + "'; it has '" + DEVICE_ID + "'");
    }
    return CpuDevice.open(threads());
  }

  private static int threads() {
    String value = System.getProperty(THREADS_PROPERTY);
    if (value == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    try {
      int threads = Integer.parseInt(value.trim());
      if (threads >= 1 && threads <= MOST_THREADS) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw new UserException(
        "system property "
            + THREADS_PROPERTY
            + " is '"
            + value
            + "', expected 1 to "
            + MOST_THREADS
            + ", at best the number of cores");
  }
}
