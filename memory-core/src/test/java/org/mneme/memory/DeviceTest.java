// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.LeakTracker;

/** A device for the tests of a class; a test that leaves a tensor open fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DeviceTest {
  protected Device device;
  private final List<Tensor> tensors = new ArrayList<>();

  @BeforeAll
  void openDevice() {
    // Read when a device is made: it then remembers where each open tensor was allocated.
    System.setProperty(LeakTracker.PROPERTY, "true");
    device = Devices.open();
    System.clearProperty(LeakTracker.PROPERTY);
  }

  @AfterEach
  void nothingLeaks() {
    tensors.forEach(Tensor::close);
    tensors.clear();
    // What an operation allocated within itself is workspace of the device's own.
    assertThat(((AbstractDevice) device).leakTracker().openTensors())
        .allMatch(tensor -> tensor.contains(AbstractDevice.class.getPackageName() + ".Checked"));
  }

  @AfterAll
  void closeDevice() {
    device.close();
  }

  /** A tensor that is closed after the test. */
  protected Tensor floats(float[] values, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.F32, extents);
    tensors.add(tensor);
    device.transfer().writeFloats(values, tensor);
    return tensor;
  }

  /** A matrix that is closed after the test. */
  protected Tensor floats(float[][] rows) {
    float[] values = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, values, row * rows[0].length, rows[0].length);
    }
    return floats(values, rows.length, rows[0].length);
  }

  /** A tensor that is closed after the test. */
  protected Tensor ints(int[] values, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.I32, extents);
    tensors.add(tensor);
    device.transfer().writeInts(values, tensor);
    return tensor;
  }

  /** A matrix that is closed after the test. */
  protected Tensor ints(int[][] rows) {
    int[] values = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    return ints(values, rows.length, rows[0].length);
  }

  protected int[][] intRows(Tensor matrix) {
    int[] values = device.transfer().readInts(matrix);
    int width = (int) matrix.shape().columns();
    int[][] rows = new int[values.length / width][];
    Arrays.setAll(rows, row -> Arrays.copyOfRange(values, row * width, (row + 1) * width));
    return rows;
  }

  protected float[][] floatRows(Tensor matrix) {
    float[] values = device.transfer().readFloats(matrix);
    int width = (int) matrix.shape().columns();
    float[][] rows = new float[values.length / width][];
    Arrays.setAll(rows, row -> Arrays.copyOfRange(values, row * width, (row + 1) * width));
    return rows;
  }
}
