// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.host.HostTensor;

class CpuDeviceTest {
  @Test
  void memoryIsReportedByTagAndReused() {
    try (CpuDevice device = CpuDevice.open(1)) {
      List<Long> addresses = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        try (Tensor a = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 100, 10);
            Tensor b = device.allocate(MemoryTag.WEIGHTS, DType.I32, 7)) {
          addresses.add(HostTensor.of(a).start());
          addresses.add(HostTensor.of(b).start());
          assertThat(device.memoryReport().current())
              .isEqualTo(Map.of(MemoryTag.ACTIVATIONS, 4000L, MemoryTag.WEIGHTS, 28L));
        }
      }
      assertThat(addresses.subList(2, 4)).isEqualTo(addresses.subList(0, 2));
      assertThat(addresses.subList(4, 6)).isEqualTo(addresses.subList(0, 2));
      assertThat(device.memoryReport().currentTotal()).isZero();
      assertThat(device.memoryReport().peakTotal()).isEqualTo(4028);
      assertThat(device.memoryReport().pooled()).isGreaterThanOrEqualTo(4028);
    }
  }

  /** Tensors without rows have no bytes, but their columns are multiplied all the same. */
  @Test
  void extentsWhoseProductIsNoIntAreRefused() {
    try (CpuDevice device = CpuDevice.open(1)) {
      long slots = 1 << 16;
      Tensor q = floats(device, 0, 8);
      Tensor reads = floats(device, 0, slots, slots);
      Tensor weights = floats(device, 0, slots);
      Tensor z = floats(device, 0, 8 + slots * slots);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.memory().concatWeighted(q, reads, weights, z))
          .withMessageContaining("a tensor is too large for this operation");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  device
                      .memory()
                      .concatWeightedBackward(
                          z,
                          floats(device, z.shape().toArray()),
                          weights,
                          Accumulation.REPLACE,
                          q,
                          reads,
                          floats(device, 0, slots)))
          .withMessageContaining("a tensor is too large for this operation");
    }
  }

  private static Tensor floats(CpuDevice device, long... extents) {
    return device.allocate(MemoryTag.ACTIVATIONS, DType.F32, extents);
  }

  @Test
  void closingTheDeviceClosesItsTensors() {
    CpuDevice device = CpuDevice.open(2);
    Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, 4);
    Tensor view = tensor.rows(1, 2);
    device.close();
    device.close();
    assertThat(tensor.isClosed()).isTrue();
    assertThat(view.isClosed()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(() -> device.allocate(MemoryTag.WEIGHTS, DType.F32, 4))
        .withMessageContaining("cpu is closed");
  }

  @Test
  void viewsShareStorageAndEndWithTheirOwner() {
    try (CpuDevice device = CpuDevice.open(1)) {
      Tensor owner = device.allocate(MemoryTag.WEIGHTS, DType.F32, 4, 6);
      device.transfer().fill(owner, 1);
      Tensor view = owner.rows(1, 3).reshape(3, 4);
      device.transfer().fill(view.rows(2, 3), 5);
      float[] values = device.transfer().readFloats(owner);
      for (int i = 0; i < 24; i++) {
        assertThat(values[i]).isEqualTo(i >= 14 && i < 18 ? 5f : 1f);
      }
      view.close();
      assertThat(owner.isClosed()).isFalse();
      assertThatIllegalStateException().isThrownBy(() -> view.rows(0, 1));
      Tensor other = owner.rows(0, 1);
      owner.close();
      assertThat(other.isClosed()).isTrue();
      assertThat(device.memoryReport().currentTotal()).isZero();
    }
  }

  @Test
  void viewsOutsideAreRefused() {
    try (CpuDevice device = CpuDevice.open(1);
        Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, 4, 6);
        Tensor scalar = device.allocate(MemoryTag.WEIGHTS, DType.F32)) {
      assertThatThrownBy(() -> tensor.rows(2, 5))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("rows 2 to 5")
          .hasMessageContaining("[4, 6]");
      assertThatThrownBy(() -> tensor.rows(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> tensor.rows(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> scalar.rows(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tensor.reshape(5, 5))
          .withMessageContaining("[4, 6]")
          .withMessageContaining("25");
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheUse() {
    try (CpuDevice device = CpuDevice.open(1);
        Tensor held = device.allocate(MemoryTag.MEMORY_BANK, DType.F32, 1000)) {
      assertThat(held.byteCount()).isEqualTo(4000);
      assertThatThrownBy(() -> device.allocate(MemoryTag.GRADIENTS, DType.F32, 1L << 45))
          .isInstanceOf(OutOfDeviceMemoryException.class)
          .hasMessageContaining("GRADIENTS")
          .hasMessageContaining("MEMORY_BANK=4000");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.allocate(MemoryTag.WEIGHTS, DType.BF16, 2))
          .withMessageContaining("BF16");
    }
  }

  @Test
  void aProfileTellsTheShareOfMatrixProducts() {
    try (CpuDevice device = CpuDevice.open(2);
        Tensor a = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 512, 512);
        Tensor b = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 512, 512);
        Tensor c = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 512, 512)) {
      device.random().normal(a, 0f, 1f, 1);
      device.random().normal(b, 0f, 1f, 2);
      OperationProfile profile =
          device.profile(
              () -> {
                device.matrix().gemm(false, false, 1f, a, b, 0f, c);
                device.neural().add(a, b, c);
              });
      assertThat(profile.operations())
          .extracting(OperationProfile.OperationTime::name)
          .containsExactlyInAnyOrder("gemm", "add");
      assertThat(profile.gemmShare()).isBetween(0.01, 1.0);
    }
  }
}
