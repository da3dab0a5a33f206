// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.Tensor;

class AbstractDeviceTest {
  private final FakeDevice device = new FakeDevice("fake:0");
  private final Tensor x = f32(3, 4);

  private Tensor f32(long... extents) {
    return device.allocate(MemoryTag.ACTIVATIONS, DType.F32, extents);
  }

  @Test
  void goodArgumentsReachTheKernel() {
    device.neural().rmsNorm(x, f32(4), 1e-5f, f32(3, 4), f32(3));
    assertThat(device.calls).containsExactly("rmsNorm");
  }

  @Test
  void wrongShapeNamesOperationArgumentFoundAndWanted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().rmsNorm(x, null, 1e-5f, f32(3, 5), f32(3)))
        .withMessage("rms_norm: argument 'y' has shape [3, 5], wanted [3, 4]");
    assertThat(device.calls).isEmpty();
  }

  @Test
  void wrongDtypeIsNamed() {
    Tensor ints = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(ints, x, x))
        .withMessage("add: argument 'a' has dtype I32, wanted a floating dtype");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(x, ints, x))
        .withMessage("add: argument 'b' has dtype I32, wanted F32");
  }

  @Test
  void nullTensorIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(x, null, x))
        .withMessage("add: argument 'b' is null, wanted a tensor");
  }

  @Test
  void closedTensorTellsWhereItWasClosed() {
    x.close();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(f32(3, 4), x, f32(3, 4)))
        .withMessageStartingWith("add: argument 'b' is closed, wanted an open tensor")
        .withMessageContaining("closed here")
        .withMessageContaining("closedTensorTellsWhereItWasClosed");
  }

  @Test
  void tensorOfAnotherDeviceIsRefused() {
    Tensor stranger = new FakeDevice("fake:1").allocate(MemoryTag.ACTIVATIONS, DType.F32, 3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(x, stranger, x))
        .withMessage("add: argument 'b' is on device 'fake:1', wanted this device, 'fake:0'");
  }

  @Test
  void overlapIsRefusedWhereItIsNotAllowed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().rmsNorm(x, null, 1e-5f, x, f32(3)))
        .withMessage("rms_norm: argument 'y' overlaps 'x', wanted storage of its own");
    device.neural().add(x, f32(3, 4), x);
    assertThat(device.calls).containsExactly("add");
  }

  @Test
  void profileCountsCallsAndGemmShare() {
    OperationProfile profile =
        device.profile(
            () -> {
              device.neural().add(x, x, x);
              device.neural().add(x, x, x);
              device.optimizer().restoreUnlessFinite(f32(1), f32(3), f32(3));
              device.profiler().addGemm(Long.MAX_VALUE / 2);
            });
    assertThat(profile.operations())
        .extracting(OperationProfile.OperationTime::name, OperationProfile.OperationTime::calls)
        .containsExactlyInAnyOrder(tuple("add", 2L), tuple("restore_unless_finite", 1L));
    assertThat(profile.gemmShare()).isEqualTo(1);
    assertThat(profile.seconds()).isPositive();
    assertThat(device.profiler().active()).isFalse();
  }

  @Test
  void secondProfileStartsFromZero() {
    device.profile(() -> device.neural().add(x, x, x));
    assertThat(device.profile(() -> {}).operations()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> device.profile(() -> device.profile(() -> {})));
  }

  @Test
  void captureRunsNowAndAgainAtReplay() {
    AtomicInteger runs = new AtomicInteger();
    CapturedGraph graph = device.capture(runs::incrementAndGet);
    assertThat(runs).hasValue(1);
    graph.replay();
    assertThat(runs).hasValue(2);
    graph.close();
    assertThatIllegalStateException().isThrownBy(graph::replay);
  }

  @Test
  void captureRefusesToReadToTheHost() {
    assertThatIllegalStateException()
        .isThrownBy(() -> device.capture(() -> device.transfer().readFloats(x)))
        .withMessageStartingWith("read_floats");
    assertThat(device.recording()).isFalse();
  }
}
