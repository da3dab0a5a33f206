// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.OutOfDeviceMemoryException;
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

  private Tensor ints(long... extents) {
    return device.allocate(MemoryTag.ACTIVATIONS, DType.I32, extents);
  }

  /** What 32-bit integers cannot count is refused, by shapes alone. */
  @Test
  void moreElementsThanIntegersCanCountAreRefused() {
    long many = 1L << 31;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.memory().listRows(ints(many), ints(many), ints(1)))
        .withMessage(
            "list_rows: argument 'counts' has shape [2147483648], wanted fewer than 2^31 elements");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                device
                    .memory()
                    .groupSelections(ints(many), 5, 0, ints(many), ints(many), ints(many + 1)))
        .withMessageContaining("'indices' has shape [2147483648]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.transfer().readFloats(f32(1L << 29)))
        .withMessageContaining("fewer than 2^29 elements");
    assertThat(device.calls).isEmpty();
  }

  /** (2³²)² is 0 in a long. */
  @Test
  void subKeysWhoseSquareOverflowsAreRefused() {
    for (long n : new long[] {46_341, 1L << 32}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  device
                      .memory()
                      .productKeyTopK(
                          f32(1, 4),
                          f32(1, 2, n, 2),
                          null,
                          ints(1, 1, 1),
                          f32(1, 1, 1),
                          null,
                          null,
                          null))
          .withMessageEndingWith("wanted n * n entries below 2^31");
    }
  }

  @Test
  void bytesThatALongCannotCountAreRefused() {
    assertThatThrownBy(() -> f32(1L << 61))
        .isInstanceOf(OutOfDeviceMemoryException.class)
        .hasMessage(
            "device fake:0: a tensor is too large: expected less than 2^63 bytes, got F32"
                + " [2305843009213693952]");
    assertThat(f32((1L << 61) - 1).byteCount()).isEqualTo(Long.MAX_VALUE - 3);
  }

  /** Extents that a kernel converts exactly are reported by the name of the operation. */
  @Test
  void anOverflowInAKernelNamesTheOperation() {
    device.failure = new ArithmeticException("integer overflow");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.neural().add(x, x, x))
        .withMessageStartingWith("add: a tensor is too large for this operation")
        .withCause(device.failure);
  }
}
