// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.model.parameters.ParameterTable;

class AdamWOptimizerTest extends OnDevice {
  private static final double RATE = 0.1;
  private static final double MEMORY_RATE = 0.02;
  private static final double DECAY = 0.5;
  private static final double BETA1 = 0.8;
  private static final double BETA2 = 0.9;
  private static final double EPS = 1e-3;
  private static final LearningRateSchedule SCHEDULE =
      new LearningRateSchedule(ScheduleForm.CONSTANT, 2, 10, 0);

  private static ParameterArena arena() {
    ParameterTable table =
        new ParameterTable(
            List.of(
                spec("matrix", ParameterGroup.MATRIX, 3, 5),
                spec("norm", ParameterGroup.NORM, 7),
                spec("bank", ParameterGroup.MEMORY_VALUES, 4, 2)));
    ParameterArena arena = new ParameterArena(device, table, DType.F32, true);
    arena.initialize(5);
    return arena;
  }

  private static ParameterSpec spec(String name, ParameterGroup group, long... extents) {
    return new ParameterSpec(name, Shape.of(extents), group, Initializer.normal(1));
  }

  private static OptimizerConfig config(double clip) {
    return config(clip, MemoryOptimizer.DENSE);
  }

  private static OptimizerConfig config(double clip, MemoryOptimizer memory) {
    return new OptimizerConfig(
        GroupSettings.defaults(RATE, MEMORY_RATE, DECAY),
        SCHEDULE,
        Long.MAX_VALUE,
        BETA1,
        BETA2,
        EPS,
        memory,
        clip);
  }

  private static void step(AdamWOptimizer optimizer, long step) {
    optimizer.measure(optimizer.phase(step));
    optimizer.prepare(step);
    optimizer.update(optimizer.phase(step));
  }

  @Test
  void eachGroupMovesByItsOwnRateAndDecay() {
    try (ParameterArena arena = arena();
        AdamWOptimizer optimizer = new AdamWOptimizer(device, arena, config(0))) {
      for (String name : List.of("matrix", "norm", "bank")) {
        double rate = name.equals("bank") ? MEMORY_RATE : RATE;
        double decay = name.equals("matrix") ? DECAY : 0;
        float[] before = device.transfer().readFloats(arena.master(name));
        setGradient(arena, name, 3);
        step(optimizer, 1);
        setGradient(arena, name, -1);
        step(optimizer, 2);
        float[] after = device.transfer().readFloats(arena.master(name));
        for (int i = 0; i < before.length; i++) {
          double expected = byHand(before[i], rate, decay, 3, -1);
          assertThat((double) after[i]).as(name).isCloseTo(expected, within(2e-6));
        }
        // The next group starts from fresh moments.
        optimizer.state().values().forEach(moment -> device.transfer().fill(moment, 0));
        optimizer.zeroGradients();
      }
    }
  }

  private static void setGradient(ParameterArena arena, String name, double value) {
    device.transfer().fill(arena.parameter(name).gradient().orElseThrow(), value);
  }

  /** Two steps of AdamW in double precision; the first is in the warm-up and has half the rate. */
  private static double byHand(double w, double rate, double decay, double g1, double g2) {
    double m = (1 - BETA1) * g1;
    double v = (1 - BETA2) * g1 * g1;
    double first = decay * w + g1 / (Math.abs(g1) + EPS);
    double between = w - 0.5 * rate * first;
    m = BETA1 * m + (1 - BETA1) * g2;
    v = BETA2 * v + (1 - BETA2) * g2 * g2;
    double mean = m / (1 - BETA1 * BETA1);
    double root = Math.sqrt(v / (1 - BETA2 * BETA2));
    return between - rate * (decay * between + mean / (root + EPS));
  }

  @Test
  void theGradientIsClippedByItsNormOverAllGroups() {
    try (ParameterArena arena = arena();
        AdamWOptimizer optimizer = new AdamWOptimizer(device, arena, config(1))) {
      setGradient(arena, "matrix", 2);
      setGradient(arena, "norm", -1);
      setGradient(arena, "bank", 3);
      step(optimizer, 2);
      double norm = Math.sqrt(15 * 4 + 7 + 8 * 9);
      assertThat(optimizer.gradientNorm(2)).isCloseTo(norm, within(1e-5));
      // The first moment shows what the optimiser took for the gradient.
      float[] moment = device.transfer().readFloats(optimizer.state().get("optimizer.moment1"));
      int bank = (int) arena.table().range(ParameterGroup.MEMORY_VALUES).from();
      assertThat((double) moment[0]).isCloseTo((1 - BETA1) * 2 / norm, within(1e-6));
      assertThat((double) moment[bank]).isCloseTo((1 - BETA1) * 3 / norm, within(1e-6));
    }
  }

  @Test
  void aGradientWithinTheLimitIsKept() {
    try (ParameterArena arena = arena();
        AdamWOptimizer optimizer = new AdamWOptimizer(device, arena, config(100))) {
      setGradient(arena, "matrix", 2);
      step(optimizer, 2);
      float[] moment = device.transfer().readFloats(optimizer.state().get("optimizer.moment1"));
      assertThat((double) moment[0]).isCloseTo((1 - BETA1) * 2, within(1e-6));
    }
  }

  private static void count(ParameterArena arena, int... counts) {
    device.transfer().writeInts(counts, arena.parameter("bank").readCounts().orElseThrow());
  }

  private static void setRows(ParameterArena arena, float... values) {
    Tensor gradient = arena.parameter("bank").gradient().orElseThrow();
    device.transfer().writeFloats(values, gradient);
  }

  private static float[] values(ParameterArena arena) {
    return device.transfer().readFloats(arena.values());
  }

  @Test
  void lazyValuesMoveLikeDenseOnesWhereAllAreRead() {
    try (ParameterArena dense = arena();
        ParameterArena lazy = arena();
        AdamWOptimizer all = new AdamWOptimizer(device, dense, config(1));
        AdamWOptimizer read = new AdamWOptimizer(device, lazy, config(1, MemoryOptimizer.LAZY))) {
      for (long step = 1; step <= 3; step++) {
        for (ParameterArena arena : List.of(dense, lazy)) {
          setGradient(arena, "matrix", -step);
          setRows(arena, 1, -2, 3, 4, -5, 6, step, 0.5f);
          count(arena, 1, 7, 2, 1);
        }
        step(all, step);
        step(read, step);
        assertThat(read.gradientNorm(step)).isCloseTo(all.gradientNorm(step), within(1e-6));
        float[] expected = values(dense);
        float[] found = values(lazy);
        for (int i = 0; i < found.length; i++) {
          assertThat((double) found[i]).isCloseTo(expected[i], within(1e-6));
        }
        read.zeroGradients();
      }
    }
  }

  @Test
  void lazyValuesThatWereNotReadKeepValueAndMoments() {
    try (ParameterArena arena = arena();
        AdamWOptimizer optimizer =
            new AdamWOptimizer(device, arena, config(0, MemoryOptimizer.LAZY))) {
      setRows(arena, 1, 2, 3, 4, 5, 6, 7, 8);
      count(arena, 1, 1, 1, 1);
      step(optimizer, 2);
      int bank = (int) arena.table().range(ParameterGroup.MEMORY_VALUES).from();
      float[] before = values(arena);
      float[] momentBefore = moment(optimizer);

      optimizer.zeroGradients();
      assertThat(device.transfer().readFloats(arena.gradients())).containsOnly(0f);
      setRows(arena, 0, 0, 3, 4, 0, 0, 0, 0);
      count(arena, 0, 5, 0, 0);
      step(optimizer, 3);
      assertThat(optimizer.gradientNorm(3)).isCloseTo(5, within(1e-6));
      float[] after = values(arena);
      float[] momentAfter = moment(optimizer);
      for (int i = 0; i < 8; i++) {
        boolean read = i / 2 == 1;
        assertThat(after[bank + i] != before[bank + i]).as("value %d", i).isEqualTo(read);
        assertThat(momentAfter[bank + i] != momentBefore[bank + i]).as("%d", i).isEqualTo(read);
      }
    }
  }

  private static float[] moment(AdamWOptimizer optimizer) {
    return device.transfer().readFloats(optimizer.state().get("optimizer.moment2"));
  }
}
