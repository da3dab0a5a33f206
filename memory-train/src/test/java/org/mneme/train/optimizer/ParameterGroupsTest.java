// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.model.parameters.ParameterTable;

/** Groups with settings of their own: one parameter of four elements for each group. */
class ParameterGroupsTest extends OnDevice {
  private static final double RATE = 0.1;
  private static final double BETA1 = 0.75;
  private static final long EMBEDDING_STEPS = 2;

  private final Map<ParameterGroup, GroupSettings> groups = GroupSettings.defaults(RATE, RATE, 0);
  private ParameterArena arena;

  @BeforeEach
  void allocate() {
    List<ParameterSpec> specs =
        Arrays.stream(ParameterGroup.values())
            .map(
                group ->
                    new ParameterSpec(name(group), Shape.of(2, 2), group, Initializer.constant(1)))
            .toList();
    arena = new ParameterArena(device, new ParameterTable(specs), DType.F32, true);
    arena.initialize(5);
  }

  @AfterEach
  void free() {
    arena.close();
  }

  private static String name(ParameterGroup group) {
    return group.name().toLowerCase(Locale.ROOT);
  }

  private AdamWOptimizer optimizer(double clip, MemoryOptimizer memory) {
    LearningRateSchedule constant = new LearningRateSchedule(ScheduleForm.CONSTANT, 0, 10, 0);
    return new AdamWOptimizer(
        device,
        arena,
        new OptimizerConfig(groups, constant, EMBEDDING_STEPS, BETA1, 0.9, 1e-3, memory, clip));
  }

  private void setGradients(double value) {
    for (ParameterGroup group : ParameterGroup.values()) {
      Tensor gradient = arena.parameter(name(group)).gradient().orElseThrow();
      device.transfer().fill(gradient, value);
    }
    device
        .transfer()
        .fill(arena.parameter(name(ParameterGroup.MEMORY_VALUES)).readCounts().orElseThrow(), 1);
  }

  private static void step(AdamWOptimizer optimizer, long step) {
    OptimizerPhase phase = optimizer.phase(step);
    optimizer.measure(phase);
    optimizer.prepare(step);
    optimizer.update(phase);
  }

  private float value(ParameterGroup group) {
    return device.transfer().readFloats(arena.master(name(group)))[0];
  }

  /** What the optimiser took for the gradient at its first step. */
  private double taken(AdamWOptimizer optimizer, ParameterGroup group) {
    Tensor moment = optimizer.state().get("optimizer.moment1");
    return device.transfer().readFloats(arena.part(moment, name(group)))[0] / (1 - BETA1);
  }

  @ParameterizedTest
  @EnumSource
  void aGroupWithItsOwnClipLeavesTheCommonNorm(MemoryOptimizer memory) {
    groups.put(ParameterGroup.MEMORY_VALUES, new GroupSettings(RATE, 0, OptionalDouble.of(0.5)));
    groups.put(ParameterGroup.MATRIX, new GroupSettings(RATE, 0, OptionalDouble.of(0)));
    try (AdamWOptimizer optimizer = optimizer(1, memory)) {
      setGradients(3);
      step(optimizer, 1);
      // Three groups of four elements share the common norm.
      double common = 3 / Math.sqrt(3 * 4 * 9);
      assertThat(taken(optimizer, ParameterGroup.EMBEDDING)).isCloseTo(common, within(1e-6));
      assertThat(taken(optimizer, ParameterGroup.MEMORY_GATE)).isCloseTo(common, within(1e-6));
      assertThat(taken(optimizer, ParameterGroup.NORM)).isCloseTo(common, within(1e-6));
      assertThat(taken(optimizer, ParameterGroup.MATRIX)).isCloseTo(3, within(1e-6));
      assertThat(taken(optimizer, ParameterGroup.MEMORY_VALUES)).isCloseTo(0.25, within(1e-6));
      assertThat(optimizer.gradientNorm(1)).isCloseTo(Math.sqrt(5 * 4 * 9), within(1e-5));
    }
  }

  @Test
  void aGroupHasItsOwnRateAndDecay() {
    groups.put(ParameterGroup.NORM, new GroupSettings(0.5, 0.2, OptionalDouble.empty()));
    try (AdamWOptimizer optimizer = optimizer(0, MemoryOptimizer.DENSE)) {
      setGradients(3);
      step(optimizer, 1);
      double move = 3 / (3 + 1e-3);
      assertThat((double) value(ParameterGroup.NORM))
          .isCloseTo(1 - 0.5 * (0.2 + move), within(1e-6));
      assertThat((double) value(ParameterGroup.MATRIX)).isCloseTo(1 - RATE * move, within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGroupWithoutALearningRateStaysAndCountsInNoNorm(ParameterGroup group) {
    groups.put(group, new GroupSettings(0, 0.3, OptionalDouble.empty()));
    try (AdamWOptimizer optimizer = optimizer(1, MemoryOptimizer.DENSE)) {
      setGradients(3);
      step(optimizer, 1);
      for (ParameterGroup each : ParameterGroup.values()) {
        assertThat(value(each) == 1).as("%s stays", each).isEqualTo(each == group);
        assertThat(optimizer.moves(each, 1)).isEqualTo(each != group);
      }
      assertThat(taken(optimizer, group)).isZero();
      assertThat(optimizer.gradientNorm(1)).isCloseTo(Math.sqrt(4 * 4 * 9), within(1e-5));
    }
  }

  @Test
  void embeddingsStayAfterTheirSteps() {
    try (AdamWOptimizer optimizer = optimizer(0, MemoryOptimizer.DENSE)) {
      setGradients(3);
      step(optimizer, EMBEDDING_STEPS);
      float embedding = value(ParameterGroup.EMBEDDING);
      float matrix = value(ParameterGroup.MATRIX);
      double moment = taken(optimizer, ParameterGroup.EMBEDDING);
      assertThat(embedding).isNotEqualTo(1f);
      assertThat(optimizer.gradientNorm(EMBEDDING_STEPS))
          .isCloseTo(Math.sqrt(5 * 4 * 9), within(1e-5));

      step(optimizer, EMBEDDING_STEPS + 1);
      assertThat(value(ParameterGroup.EMBEDDING)).isEqualTo(embedding);
      assertThat(taken(optimizer, ParameterGroup.EMBEDDING)).isEqualTo(moment);
      assertThat(value(ParameterGroup.MATRIX)).isNotEqualTo(matrix);
      assertThat(optimizer.gradientNorm(EMBEDDING_STEPS + 1))
          .isCloseTo(Math.sqrt(4 * 4 * 9), within(1e-5));
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new GroupSettings(-1, 0, OptionalDouble.empty()))
        .hasMessageContaining("learningRate is -1.0");
    assertThatThrownBy(() -> new GroupSettings(1, Double.NaN, OptionalDouble.empty()))
        .hasMessageContaining("weightDecay is NaN");
    assertThatThrownBy(() -> new GroupSettings(1, 0, OptionalDouble.of(-2)))
        .hasMessageContaining("clip");
  }
}
