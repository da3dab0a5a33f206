// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.support.AbstractDevice;

/** A group of conformance tests on one device; every test must leave no tensor open. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DeviceTestCase {
  /** The device under test. */
  protected Device device;

  private Map<MemoryTag, Long> before;

  /** Opens the device under test; called once for each group, which closes it. */
  protected abstract Device openDevice();

  @BeforeAll
  final void openTheDevice() {
    device = openDevice();
  }

  @AfterAll
  final void closeTheDevice() {
    device.close();
  }

  @BeforeEach
  final void noteMemoryInUse() {
    before = inUse();
  }

  @AfterEach
  final void checkThatNoTensorLeaks() {
    assertThat(inUse()).as("bytes in use; open: %s", open()).isEqualTo(before);
  }

  /** Bytes of open tensors. Workspaces are left out: a kernel may keep its own. */
  private Map<MemoryTag, Long> inUse() {
    Map<MemoryTag, Long> inUse = new EnumMap<>(MemoryTag.class);
    device.memoryReport().current().forEach((tag, bytes) -> put(inUse, tag, bytes));
    return inUse;
  }

  private static void put(Map<MemoryTag, Long> inUse, MemoryTag tag, long bytes) {
    if (tag != MemoryTag.WORKSPACE && bytes != 0) {
      inUse.put(tag, bytes);
    }
  }

  private String open() {
    return device instanceof AbstractDevice
        ? ((AbstractDevice) device).leakTracker().openTensors().toString()
        : "unknown";
  }

  /** The floating dtypes that the device claims. */
  final Stream<DType> floating() {
    return Stream.of(DType.values())
        .filter(dtype -> dtype.isFloating() && device.info().dtypes().contains(dtype));
  }

  /** A trial of an operation. */
  final Trial trial(String name, Object... sizes) {
    return new Trial(device, sizes.length == 0 ? name : name + Arrays.toString(sizes));
  }
}
