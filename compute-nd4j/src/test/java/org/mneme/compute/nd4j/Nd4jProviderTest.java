// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;

class Nd4jProviderTest {
  private final Nd4jProvider provider = new Nd4jProvider();

  @AfterEach
  void clear() {
    System.clearProperty(Nd4jProvider.THREADS_PROPERTY);
  }

  @Test
  void theCpuIsFoundAndOpened() {
    assertThat(provider.probe()).extracting(DeviceStatus::available).containsExactly(true);
    try (Device device = Devices.discover().open(Optional.of("cpu"))) {
      assertThat(device.info().provider()).isEqualTo("nd4j");
      assertThat(device.info().totalMemory()).isPositive();
    }
  }

  @Test
  void threadsAreSetByProperty() {
    System.setProperty(Nd4jProvider.THREADS_PROPERTY, "3");
    try (Device device = provider.open("cpu")) {
      assertThat(device.info().description()).contains("3 threads");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-2", "two", ""})
  void senselessThreadsAreRefused(String value) {
    System.setProperty(Nd4jProvider.THREADS_PROPERTY, value);
    assertThatThrownBy(() -> provider.open("cpu"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("mneme.cpu.threads")
        .hasMessageContaining("'" + value + "'");
  }

  @Test
  void anotherDeviceIsRefused() {
    assertThatThrownBy(() -> provider.open("cpu:1"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'cpu:1'");
  }
}
