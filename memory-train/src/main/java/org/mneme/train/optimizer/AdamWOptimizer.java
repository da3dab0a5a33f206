// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterTable;

/**
 * AdamW (Loshchilov and Hutter 2019) over the arena of a model. Each group of parameters has its
 * {@link GroupSettings}: learning rate, decay and, if wanted, a norm of its own by which its
 * gradient is clipped; the others are clipped together. {@link MemoryOptimizer} tells which learned
 * memory values move.
 *
 * <p>{@link #measure} and {@link #update} launch the same operations on the same tensors at every
 * step of a {@link OptimizerPhase}, without waiting for the device, so that they can be captured;
 * what varies is written before by {@link #prepare}.
 */
public final class AdamWOptimizer implements Stateful, AutoCloseable {
  private static final String MOMENT1 = "optimizer.moment1";
  private static final String MOMENT2 = "optimizer.moment2";

  private final Device device;
  private final ParameterArena arena;
  private final OptimizerConfig config;
  private final Tensor moment1;
  private final Tensor moment2;
  private final Tensor denseGradients;
  private final List<ReadRows> lazyRows = new ArrayList<>();
  private final ClipScopes scopes;
  private final List<MovedGroup> groups = new ArrayList<>();
  private final Map<OptimizerPhase, PhasePlan> plans = new EnumMap<>(OptimizerPhase.class);
  private final Closer closer = new Closer();

  /** An optimiser before its first step. */
  public AdamWOptimizer(Device device, ParameterArena arena, OptimizerConfig config) {
    this.device = device;
    this.arena = arena;
    this.config = config;
    try {
      this.moment1 = closer.add(arena.allocateMoments());
      this.moment2 = closer.add(arena.allocateMoments());
      boolean lazy = config.memoryOptimizer() == MemoryOptimizer.LAZY;
      if (lazy) {
        arena.table().specs().stream()
            .filter(spec -> spec.group() == ParameterGroup.MEMORY_VALUES)
            .map(spec -> new ReadRows(device, arena, spec.name(), moment1, moment2))
            .forEach(rows -> lazyRows.add(closer.add(rows)));
      }
      ParameterTable.Range values = arena.table().range(ParameterGroup.MEMORY_VALUES);
      this.denseGradients = arena.gradients().rows(0, lazy ? values.from() : values.to());
      this.scopes = closer.add(new ClipScopes(device, arena.gradients(), maxNorms()));
      addGroups();
      for (OptimizerPhase phase : OptimizerPhase.values()) {
        plans.put(
            phase,
            PhasePlan.of(
                groups.stream().filter(group -> config.moves(group.kind(), phase)).toList()));
      }
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** The norm of all groups without one of their own, then the others in the order of groups. */
  private List<Double> maxNorms() {
    List<Double> norms = new ArrayList<>();
    norms.add(config.gradClip());
    config.groups().values().stream()
        .filter(settings -> settings.clip().isPresent())
        .forEach(settings -> norms.add(settings.clip().getAsDouble()));
    return norms;
  }

  private void addGroups() {
    int own = 0;
    for (Map.Entry<ParameterGroup, GroupSettings> group : config.groups().entrySet()) {
      boolean clips = group.getValue().clip().isPresent();
      addGroup(group.getKey(), group.getValue(), scopes.get(clips ? ++own : 0));
    }
  }

  private void addGroup(ParameterGroup kind, GroupSettings settings, ClipScope scope) {
    ParameterTable.Range range = arena.table().range(kind);
    if (range.isEmpty() || !settings.moves()) {
      return;
    }
    groups.add(
        new MovedGroup(
            kind,
            range,
            settings,
            constants(settings.weightDecay()),
            closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.F32, 3)),
            scope,
            kind == ParameterGroup.MEMORY_VALUES ? lazyRows : List.of()));
  }

  private AdamWSettings constants(double decay) {
    return new AdamWSettings(
        (float) config.beta1(), (float) config.beta2(), (float) config.eps(), (float) decay);
  }

  /** Sets the gradients to 0. */
  public void zeroGradients() {
    device.transfer().fill(denseGradients, 0);
    lazyRows.forEach(ReadRows::zeroGradient);
  }

  /** The phase of a step, from 1. */
  public OptimizerPhase phase(long step) {
    return config.phase(step);
  }

  /** Whether a group of parameters moves at a step, from 1. */
  public boolean moves(ParameterGroup group, long step) {
    return config.moves(group, phase(step));
  }

  /**
   * Computes the norms of the gradients that move, and from them by how much they are clipped. If
   * one is not finite, {@link #update} changes nothing: the device skips the step by itself, and
   * counts it.
   */
  public void measure(OptimizerPhase phase) {
    scopes.measure(plans.get(phase).measures());
  }

  /** A number that is finite exactly if the gradient that was measured last is [1] F32. */
  public Tensor condition() {
    return scopes.condition();
  }

  /** Whether the gradient that was measured last is finite; waits for the device. */
  public boolean isFinite() {
    return Float.isFinite(device.transfer().readFloats(condition())[0]);
  }

  /** Steps that changed nothing, since their number was set; waits for the device. */
  public int skippedSteps() {
    return device.transfer().readInts(scopes.skipped())[0];
  }

  /** Sets the number of steps that changed nothing, from which it counts. */
  public void setSkippedSteps(int count) {
    device.transfer().fill(scopes.skipped(), count);
  }

  /**
   * What {@link #measure} writes and a skipped step must leave as it was, for the caller to restore
   * before {@link #finiteGradientNorm} is read.
   */
  public Tensor finiteSums() {
    return scopes.finiteSums();
  }

  /**
   * Writes the learning rates and bias corrections of a step to the device. Bias corrections count
   * all steps, also those that changed nothing.
   *
   * @param step from 1
   */
  public void prepare(long step) {
    double share = config.schedule().share(step);
    float correction1 = (float) (1 - Math.pow(config.beta1(), (double) step));
    float correction2 = (float) (1 - Math.pow(config.beta2(), (double) step));
    for (MovedGroup group : groups) {
      float rate = (float) (group.settings().learningRate() * share);
      float[] values = {rate, correction1, correction2};
      device.transfer().writeFloats(values, group.schedule());
    }
  }

  /** Moves the parameters by the measured gradient and the prepared learning rates. */
  public void update(OptimizerPhase phase) {
    for (PhasePlan.Update update : plans.get(phase).updates()) {
      MovedGroup group = update.group();
      if (group.rows().isEmpty()) {
        update(group, update.range());
      } else {
        group
            .rows()
            .forEach(
                rows -> rows.update(group.constants(), group.schedule(), group.scope().factor()));
      }
    }
  }

  private void update(MovedGroup group, ParameterTable.Range range) {
    long from = range.from();
    long to = range.to();
    Tensor copy = arena.lowPrecisionCopy();
    device
        .optimizer()
        .adamW(
            arena.values().rows(from, to),
            arena.gradients().rows(from, to),
            moment1.rows(from, to),
            moment2.rows(from, to),
            copy == null ? null : copy.rows(from, to),
            group.constants(),
            group.schedule(),
            group.scope().factor());
  }

  /** The learning rate of matrices at a step. */
  public double learningRate(long step) {
    double rate = config.groups().get(ParameterGroup.MATRIX).learningRate();
    return rate * config.schedule().share(step);
  }

  /**
   * The norm of the measured gradient of all that moves at this step, before clipping; waits for
   * the device.
   */
  public double gradientNorm(long step) {
    return scopes.norm(plans.get(phase(step)).measures());
  }

  /** The same of the last step whose gradient was finite; see {@link #finiteSums}. */
  public double finiteGradientNorm() {
    return scopes.finiteNorm();
  }

  /** What another optimiser of the same arena needs to go on, by name; the tensors stay ours. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(MOMENT1, moment1);
    state.put(MOMENT2, moment2);
    return state;
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    state().forEach((name, tensor) -> visitor.visit(name, tensor));
  }

  @Override
  public void restore(StateSource source) {
    States.read(source, MOMENT1, moment1, Values.finite());
    States.read(source, MOMENT2, moment2, Values.finiteFrom(0));
  }

  @Override
  public void close() {
    closer.close();
  }
}
