// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.train.metrics.ProfileReport;

class StepProfilerTest {
  private final Device device = Devices.open();
  private final StepProfiler profiler = new StepProfiler(device);

  @AfterEach
  void close() {
    device.close();
  }

  private void step() {
    try (Tensor x = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 64, 64);
        Tensor y = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 64, 64)) {
      profiler.launches(
          "first",
          () -> {
            double value = profiler.phase("data", () -> 2.0);
            device.transfer().fill(x, value);
            device.matrix().gemm(false, false, 1f, x, x, 0f, y);
          });
      String told = profiler.launching("second", () -> "with a result");
      assertThat(told).isEqualTo("with a result");
      profiler.launches("second", () -> device.neural().add(x, y, y));
      assertThat(device.transfer().readFloats(y)).containsOnly(64 * 4 + 2);
    }
  }

  @Test
  void operationsLieWithinThePhaseThatLaunchedThem() {
    profiler.begin();
    step();
    StepProfile profile = profiler.end();
    assertThat(profile.phases())
        .extracting(Span::name)
        .containsExactly("data", "first", "second", "second");
    assertThat(profile.operations()).extracting(Span::name).containsExactly("fill", "gemm", "add");
    Span first = profile.phases().get(1);
    assertWithin(profile.phases().get(0), first);
    assertWithin(profile.operations().get(0), first);
    assertWithin(profile.operations().get(1), first);
    assertWithin(profile.operations().get(2), profile.phases().get(3));
    assertThat(profile.gemmShare()).isBetween(0.0, 1.0);
  }

  /** Host and device have clocks of their own. */
  private static void assertWithin(Span inner, Span outer) {
    double slack = 1e-3;
    assertThat(inner.start()).isGreaterThanOrEqualTo(outer.start() - slack);
    assertThat(inner.start() + inner.seconds())
        .isLessThanOrEqualTo(outer.start() + outer.seconds() + slack);
  }

  @Test
  void theReportAddsUpByName() {
    profiler.begin();
    step();
    step();
    StepProfile profile = profiler.end();
    ProfileReport report = profile.report(20, 2);
    assertThat(report.phases()).containsOnlyKeys("data", "first", "second");
    assertThat(report.calls()).containsEntry("gemm", 2L).containsEntry("add", 2L);
    assertThat(report.operations().keySet()).isEqualTo(report.calls().keySet());
    assertThat(List.copyOf(report.operations().values()))
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(report.seconds())
        .isCloseTo(report.phases().get("first") + report.phases().get("second"), within(1e-9));
  }

  @Test
  void nothingIsTakenDownOutsideOfAProfile() {
    step();
    profiler.begin();
    assertThat(profiler.active()).isTrue();
    StepProfile empty = profiler.end();
    step();
    assertThat(empty.phases()).isEmpty();
    assertThat(empty.operations()).isEmpty();
    assertThat(empty.gemmShare()).isZero();
    profiler.begin();
    assertThat(profiler.end().phases()).isEmpty();
  }
}
