// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterTable;

/**
 * AdamW (Loshchilov and Hutter 2019) over the arena of a model: one launch for each group of
 * parameters. Matrices decay, norms do not, learned memory values have their own learning rate and
 * do not decay; {@link MemoryOptimizer} tells which of them move. The gradient is clipped by its
 * norm over all parameters.
 *
 * <p>{@link #measure} and {@link #update} launch the same operations on the same tensors at every
 * step, without waiting for the device, so that they can be captured; what varies is written before
 * by {@link #prepare}.
 */
public final class AdamWOptimizer implements AutoCloseable {
  private final Device device;
  private final ParameterArena arena;
  private final OptimizerConfig config;
  private final Tensor moment1;
  private final Tensor moment2;
  private final Tensor sumOfSquares;
  private final Tensor factor;
  private final Tensor denseGradients;
  private final List<Group> groups = new ArrayList<>();
  private final List<ReadRows> lazyRows = new ArrayList<>();

  /** An optimiser before its first step. */
  public AdamWOptimizer(Device device, ParameterArena arena, OptimizerConfig config) {
    this.device = device;
    this.arena = arena;
    this.config = config;
    this.moment1 = arena.allocateMoments();
    this.moment2 = arena.allocateMoments();
    this.sumOfSquares = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 1);
    this.factor = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 1);
    device.transfer().fill(factor, 1);
    addGroup(ParameterGroup.MATRIX, config.learningRate(), config.weightDecay());
    addGroup(ParameterGroup.NORM, config.learningRate(), 0);
    addGroup(ParameterGroup.MEMORY_VALUES, config.memoryLearningRate(), 0);
    boolean lazy = config.memoryOptimizer() == MemoryOptimizer.LAZY;
    if (lazy) {
      arena.table().specs().stream()
          .filter(spec -> spec.group() == ParameterGroup.MEMORY_VALUES)
          .map(spec -> new ReadRows(device, arena, spec.name(), moment1, moment2))
          .forEach(lazyRows::add);
    }
    ParameterTable.Range values = arena.table().range(ParameterGroup.MEMORY_VALUES);
    this.denseGradients = arena.gradients().rows(0, lazy ? values.from() : values.to());
  }

  private void addGroup(ParameterGroup group, double learningRate, double decay) {
    ParameterTable.Range range = arena.table().range(group);
    if (!range.isEmpty()) {
      Tensor schedule = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 3);
      groups.add(new Group(group, range, learningRate, settings(decay), schedule));
    }
  }

  private AdamWSettings settings(double decay) {
    return new AdamWSettings(
        (float) config.beta1(), (float) config.beta2(), (float) config.eps(), (float) decay);
  }

  /** Sets the gradients to 0. */
  public void zeroGradients() {
    device.transfer().fill(denseGradients, 0);
    lazyRows.forEach(ReadRows::zeroGradient);
  }

  /** Computes the norm of the gradient, and from it by how much the gradient is clipped. */
  public void measure() {
    device.optimizer().sumOfSquares(denseGradients, Accumulation.REPLACE, sumOfSquares);
    lazyRows.forEach(rows -> rows.addSquares(sumOfSquares));
    if (config.gradClip() > 0) {
      device.optimizer().clipFactor(sumOfSquares, (float) config.gradClip(), factor);
    }
  }

  /**
   * Writes the learning rates and bias corrections of a step to the device.
   *
   * @param step from 1
   */
  public void prepare(long step) {
    double share = config.schedule().share(step);
    float correction1 = (float) (1 - Math.pow(config.beta1(), (double) step));
    float correction2 = (float) (1 - Math.pow(config.beta2(), (double) step));
    for (Group group : groups) {
      float rate = (float) (group.learningRate * share);
      float[] values = {rate, correction1, correction2};
      device.transfer().writeFloats(values, group.schedule);
    }
  }

  /** Moves the parameters by the measured gradient and the prepared learning rates. */
  public void update() {
    for (Group group : groups) {
      if (group.kind == ParameterGroup.MEMORY_VALUES && !lazyRows.isEmpty()) {
        lazyRows.forEach(rows -> rows.update(group.settings, group.schedule, factor));
      } else {
        update(group);
      }
    }
  }

  private void update(Group group) {
    long from = group.range.from();
    long to = group.range.to();
    Tensor copy = arena.lowPrecisionCopy();
    device
        .optimizer()
        .adamW(
            arena.values().rows(from, to),
            arena.gradients().rows(from, to),
            moment1.rows(from, to),
            moment2.rows(from, to),
            copy == null ? null : copy.rows(from, to),
            group.settings,
            group.schedule,
            factor);
  }

  /** The learning rate of matrices at a step. */
  public double learningRate(long step) {
    return config.learningRate() * config.schedule().share(step);
  }

  /** The norm of the last measured gradient, before clipping; waits for the device. */
  public double gradientNorm() {
    return Math.sqrt(device.transfer().readFloats(sumOfSquares)[0]);
  }

  /** What another optimiser of the same arena needs to go on, by name; the tensors stay ours. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("optimizer.moment1", moment1);
    state.put("optimizer.moment2", moment2);
    return state;
  }

  @Override
  public void close() {
    moment1.close();
    moment2.close();
    sumOfSquares.close();
    factor.close();
    groups.forEach(group -> group.schedule.close());
    lazyRows.forEach(ReadRows::close);
  }

  private record Group(
      ParameterGroup kind,
      ParameterTable.Range range,
      double learningRate,
      AdamWSettings settings,
      Tensor schedule) {}
}
