// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;

/** Tensors, memory, capture and profile. */
public abstract class DeviceConformance extends DeviceTestCase {
  private Tensor f32(long... extents) {
    return device.allocate(MemoryTag.ACTIVATIONS, DType.F32, extents);
  }

  private Tensor floats(float... values) {
    Tensor tensor = f32((long) values.length);
    device.transfer().writeFloats(values, tensor);
    return tensor;
  }

  private float[] read(Tensor tensor) {
    return device.transfer().readFloats(tensor);
  }

  private long inUse() {
    return device.memoryReport().current().getOrDefault(MemoryTag.ACTIVATIONS, 0L);
  }

  @Test
  void everyDeviceHasSinglePrecisionAndIntegers() {
    assertThat(device.info().dtypes()).contains(DType.F32, DType.I32);
    assertThat(device.info().id()).isNotBlank();
    assertThat(device.info().description()).isNotBlank();
  }

  @Test
  void aTensorIsWhatWasAskedFor() {
    for (DType dtype : DType.values()) {
      if (device.info().dtypes().contains(dtype)) {
        try (Tensor tensor = device.allocate(MemoryTag.WEIGHTS, dtype, 3, 5, 7)) {
          assertThat(tensor.device()).isSameAs(device);
          assertThat(tensor.dtype()).isEqualTo(dtype);
          assertThat(tensor.shape()).isEqualTo(Shape.of(3, 5, 7));
          assertThat(tensor.elementCount()).isEqualTo(105);
          assertThat(tensor.byteCount()).isEqualTo(105L * dtype.byteCount());
          assertThat(tensor.isClosed()).isFalse();
        }
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> device.allocate(MemoryTag.WEIGHTS, dtype, 3))
            .withMessageContaining(dtype.toString());
      }
    }
  }

  @Test
  void viewsShareTheStorage() {
    try (Tensor owner = floats(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)) {
      Tensor square = owner.reshape(4, 3);
      Tensor rows = square.rows(1, 3);
      assertThat(rows.shape()).isEqualTo(Shape.of(2, 3));
      assertThat(read(rows)).containsExactly(3, 4, 5, 6, 7, 8);
      assertThat(read(rows.rows(1, 2).reshape(3, 1))).containsExactly(6, 7, 8);
      device.transfer().fill(rows.rows(0, 1), -1);
      assertThat(read(owner)).containsExactly(0, 1, 2, -1, -1, -1, 6, 7, 8, 9, 10, 11);
      rows.close();
      assertThat(rows.isClosed()).isTrue();
      assertThat(owner.isClosed()).isFalse();
      assertThat(square.isClosed()).isFalse();
    }
  }

  @Test
  void viewsOutsideTheTensorAreRefused() {
    try (Tensor owner = f32(4L, 3L)) {
      for (long[] range : new long[][] {{-1, 2}, {3, 5}, {3, 2}, {5, 5}}) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> owner.rows(range[0], range[1]));
      }
      assertThat(owner.rows(4, 4).elementCount()).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> owner.reshape(5, 3));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> owner.rows(1, 3).rows(0, 3));
    }
  }

  @Test
  void aClosedTensorCannotBeUsed() {
    Tensor tensor = f32(3L);
    Tensor view = tensor.rows(0, 2);
    tensor.close();
    assertThat(view.isClosed()).isTrue();
    for (Tensor closed : new Tensor[] {tensor, view}) {
      assertThatIllegalStateException().isThrownBy(() -> closed.rows(0, 1));
      assertThatIllegalStateException().isThrownBy(() -> closed.reshape(closed.shape()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().fill(closed, 0))
          .withMessageContaining("closed");
    }
  }

  @Test
  void closingTwiceGivesBackOnce() {
    long before = inUse();
    try (Tensor kept = f32(64L)) {
      Tensor tensor = f32(64L);
      Tensor view = tensor.rows(0, 1);
      tensor.close();
      tensor.close();
      view.close();
      assertThat(inUse() - before).isEqualTo(kept.byteCount());
      try (Tensor first = f32(64L);
          Tensor second = f32(64L)) {
        device.transfer().fill(kept, 1);
        device.transfer().fill(first, 2);
        device.transfer().fill(second, 3);
        assertThat(read(kept)).containsOnly(1);
        assertThat(read(first)).containsOnly(2);
        assertThat(read(second)).containsOnly(3);
      }
    }
    assertThat(inUse()).isEqualTo(before);
  }

  @Test
  void reusedStorageTakesTheNewTypeAndShape() {
    for (int round = 0; round < 3; round++) {
      try (Tensor floats = f32(6L, 2L)) {
        device.transfer().fill(floats, 0.5);
      }
      try (Tensor ints = device.allocate(MemoryTag.MEMORY_BANK, DType.I32, 3, 4)) {
        assertThat(ints.dtype()).isEqualTo(DType.I32);
        assertThat(ints.shape()).isEqualTo(Shape.of(3, 4));
        assertThat(ints.isClosed()).isFalse();
        device.transfer().fill(ints, 7);
        assertThat(device.transfer().readInts(ints)).containsOnly(7);
      }
    }
  }

  @Test
  void aStaleHandleDoesNotReachReusedStorage() {
    Tensor stale = f32(5L);
    Tensor view = stale.rows(0, 2);
    stale.close();
    try (Tensor reused = f32(5L)) {
      assertThat(reused.isClosed()).isFalse();
      assertThat(stale.isClosed()).isTrue();
      assertThat(view.isClosed()).isTrue();
      stale.close();
      assertThat(reused.isClosed()).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> device.transfer().fill(view, 1));
    }
  }

  @Test
  void memoryIsReportedByTag() {
    long before = device.memoryReport().current().getOrDefault(MemoryTag.GRADIENTS, 0L);
    try (Tensor tensor = device.allocate(MemoryTag.GRADIENTS, DType.F32, 1000)) {
      long now = device.memoryReport().current().get(MemoryTag.GRADIENTS);
      assertThat(now - before).isBetween(tensor.byteCount(), 4 * tensor.byteCount());
      assertThat(device.memoryReport().peak().get(MemoryTag.GRADIENTS)).isGreaterThanOrEqualTo(now);
      assertThat(device.memoryReport().peakTotal()).isGreaterThanOrEqualTo(now);
    }
    assertThat(device.memoryReport().peak().get(MemoryTag.GRADIENTS)).isGreaterThanOrEqualTo(4000);
  }

  /** A steady step allocates nothing: what was closed is used again. */
  @Test
  void aSteadyStepTakesNoMoreMemory() {
    Runnable step =
        () -> {
          try (Tensor a = f32(1000L);
              Tensor b = f32(1000L);
              Tensor sum = f32(1L)) {
            device.transfer().fill(a, 1);
            device.transfer().fill(b, 2);
            device.neural().add(a, b, b);
            device.neural().sum(b, 1f, Accumulation.REPLACE, sum);
          }
        };
    step.run();
    step.run();
    long held = device.memoryReport().pooled() + device.memoryReport().currentTotal();
    for (int i = 0; i < 20; i++) {
      step.run();
    }
    assertThat(device.memoryReport().pooled() + device.memoryReport().currentTotal())
        .isEqualTo(held);
  }

  @Test
  void askingForTooMuchTellsSo() {
    assertThatExceptionOfType(OutOfDeviceMemoryException.class)
        .isThrownBy(() -> f32(1L << 48))
        .withMessageContaining("[" + (1L << 48) + "]");
    // So many that their bytes do not fit a long: no room, or no such shape.
    assertThatThrownBy(() -> f32(1L << 62))
        .isInstanceOfAny(OutOfDeviceMemoryException.class, IllegalArgumentException.class);
    try (Tensor still = f32(3L)) {
      device.transfer().fill(still, 1);
      assertThat(read(still)).containsOnly(1);
    }
  }

  @Test
  void elementCountsAreLong() {
    Shape shape = Shape.of(1L << 20, 1L << 20);
    assertThat(shape.elementCount()).isEqualTo(1L << 40);
    assertThat(shape.rows()).isEqualTo(1L << 20);
  }

  /** What varies stands in tensors; a replay gives the bits of a direct run. */
  @Test
  void aReplayGivesTheBitsOfADirectRun() {
    double[] values = new Numbers(4).values(DType.F32, 37 * 19);
    double[] others = new Numbers(5).values(DType.F32, 37 * 19);
    try (Tensor x = f32(37L, 19L);
        Tensor w = f32(11L, 19L);
        Tensor y = f32(37L, 11L);
        Tensor total = f32(1L)) {
      device.random().normal(w, 0f, 1f, 8);
      Runnable work =
          () -> {
            try (Tensor normal = f32(37L, 19L);
                Tensor rstd = f32(37L)) {
              device.neural().rmsNorm(x, null, 1e-5f, normal, rstd);
              device.matrix().linear(normal, w, y);
              device.optimizer().sumOfSquares(y, Accumulation.ADD, total);
            }
          };
      device.transfer().fill(total, 0);
      device.transfer().write(Bits.encode(DType.F32, values), x);
      try (CapturedGraph graph = device.capture(work)) {
        float[] recorded = read(y);
        device.transfer().write(Bits.encode(DType.F32, others), x);
        graph.replay();
        float[] replayed = read(y);
        float sum = read(total)[0];
        device.transfer().fill(total, 0);
        device.transfer().write(Bits.encode(DType.F32, values), x);
        work.run();
        assertThat(read(y)).isEqualTo(recorded);
        device.transfer().write(Bits.encode(DType.F32, others), x);
        work.run();
        assertThat(read(y)).isEqualTo(replayed);
        assertThat(read(total)[0]).isEqualTo(sum);
      }
    }
  }

  @Test
  void aCaptureCannotReadToTheHost() {
    try (Tensor x = f32(3L)) {
      device.transfer().fill(x, 1);
      assertThatIllegalStateException()
          .isThrownBy(() -> device.capture(() -> device.transfer().readFloats(x)));
      assertThat(read(x)).containsOnly(1);
    }
  }

  @Test
  void aProfileNamesTheOperations() {
    try (Tensor a = f32(256L, 256L);
        Tensor b = f32(256L, 256L)) {
      device.transfer().fill(a, 0.5);
      OperationProfile profile =
          device.profile(
              () -> {
                device.matrix().gemm(false, false, 1f, a, a, 0f, b);
                device.matrix().gemm(false, false, 1f, a, a, 0f, b);
                device.neural().add(a, b, b);
              });
      assertThat(profile.operations())
          .extracting(OperationProfile.OperationTime::name)
          .containsExactlyInAnyOrder("gemm", "add");
      assertThat(profile.operations())
          .anyMatch(time -> time.name().equals("gemm") && time.calls() == 2 && time.seconds() > 0);
      assertThat(profile.seconds()).isPositive();
      assertSpansAreOneAfterTheOther(profile);
      assertThat(profile.gemmShare()).isGreaterThan(0).isLessThanOrEqualTo(1);
    }
  }

  /** Clocks of devices are not exact: a span may reach a little beyond the next one's start. */
  private static void assertSpansAreOneAfterTheOther(OperationProfile profile) {
    double slack = 1e-5;
    assertThat(profile.spans())
        .extracting(OperationProfile.Span::name)
        .containsExactly("gemm", "gemm", "add");
    double end = 0;
    for (OperationProfile.Span span : profile.spans()) {
      assertThat(span.start()).isGreaterThanOrEqualTo(end - slack);
      end = span.start() + span.seconds();
    }
    assertThat(end).isLessThanOrEqualTo(profile.seconds() + slack);
    double sum =
        profile.operations().stream().mapToDouble(OperationProfile.OperationTime::seconds).sum();
    double spans = profile.spans().stream().mapToDouble(OperationProfile.Span::seconds).sum();
    assertThat(spans).isCloseTo(sum, within(1e-9));
  }

  @Test
  void closingTheDeviceClosesItsTensors() {
    Device other = openDevice();
    Tensor tensor = other.allocate(MemoryTag.WEIGHTS, DType.F32, 3);
    other.close();
    assertThat(tensor.isClosed()).isTrue();
    tensor.close();
    other.close();
    try (Tensor still = f32(3L)) {
      device.transfer().fill(still, 4);
      assertThat(read(still)).containsOnly(4);
    }
  }
}
