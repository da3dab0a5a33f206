// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the providers on the class path and opens a device. */
public final class Devices {
  /** The system property that chooses a device: {@code cpu}, {@code cuda:0}, …. */
  public static final String DEVICE_PROPERTY = "mneme.device";

  private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

  private final List<ComputeProvider> providers;

  /** Considers the given providers only. */
  public Devices(List<ComputeProvider> providers) {
    this.providers =
        providers.stream()
            .sorted(Comparator.comparingInt(ComputeProvider::rank).reversed())
            .collect(Collectors.toUnmodifiableList());
  }

  /** Considers the providers on the class path. */
  public static Devices discover() {
    List<ComputeProvider> found = new ArrayList<>();
    ServiceLoader.load(ComputeProvider.class).forEach(found::add);
    return new Devices(found);
  }

  /**
   * Opens the device that {@value #DEVICE_PROPERTY} names or, if it is not set, the best available.
   *
   * @throws UserException if the choice cannot be met or no device is available
   */
  public static Device open() {
    return discover().open(Optional.ofNullable(System.getProperty(DEVICE_PROPERTY)));
  }

  /** The status of every device of every provider, best provider first. */
  public List<ProviderStatus> probe() {
    return providers.stream()
        .map(provider -> new ProviderStatus(provider.id(), provider.rank(), provider.probe()))
        .collect(Collectors.toUnmodifiableList());
  }

  /**
   * Opens the chosen device or, if none is chosen, the first available one of the provider with the
   * highest rank; the reasons of those passed over are logged.
   *
   * @throws UserException if the choice cannot be met or no device is available
   */
  public Device open(Optional<String> choice) {
    List<String> passedOver = new ArrayList<>();
    for (ComputeProvider provider : providers) {
      for (DeviceStatus status : provider.probe()) {
        if (choice.isPresent() && !choice.get().equals(status.deviceId())) {
          passedOver.add(status.deviceId() + ": not chosen (" + status.detail() + ")");
        } else if (status.available()) {
          LOG.info("Device {}: {}", status.deviceId(), status.detail());
          passedOver.forEach(reason -> LOG.info("Passed over {}", reason));
          return provider.open(status.deviceId());
        } else {
          passedOver.add(status.deviceId() + ": " + status.detail());
        }
      }
    }
    String found =
        passedOver.isEmpty() ? "no provider on the class path" : String.join("; ", passedOver);
    throw new UserException(
        choice.map(id -> "device '" + id + "' cannot be used").orElse("no device can be used")
            + "; found: "
            + found);
  }

  /**
   * What a provider found.
   *
   * @param provider its id
   * @param rank its rank
   * @param devices its devices
   */
  public record ProviderStatus(String provider, int rank, List<DeviceStatus> devices) {
    /** Copies the list. */
    public ProviderStatus {
      devices = List.copyOf(devices);
    }
  }
}
