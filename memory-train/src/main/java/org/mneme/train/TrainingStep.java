// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mneme.compute.Closer;
import org.mneme.compute.Device;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.TrainingPass;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.metrics.MemoryMoveReport;
import org.mneme.train.optimizer.AdamWOptimizer;
import org.mneme.train.optimizer.OptimizerConfig;
import org.mneme.train.optimizer.OptimizerPhase;
import org.mneme.train.watch.StepProfiler;

/**
 * The optimiser step of a model: {@link #gradients} of its micro-batches, {@link #update}, {@link
 * #moveMemory}, in this order.
 *
 * <p>The work of the first two is recorded and replayed from then on: with one micro-batch, a step
 * is one graph from gradients of 0 to their norm, and one that moves the parameters. They are two,
 * so that losses can be looked at before anything reaches the weights. What varies from step to
 * step (batch, learning rate) stands in tensors.
 *
 * <p>A step whose gradient norm is not finite changes no weight, no moment, no entry that moves by
 * EMA or reads text, no running statistic and no loss that adds up. The device decides that by
 * itself, so that nobody has to wait for it; {@link AdamWOptimizer#skippedSteps} counts such steps.
 */
public final class TrainingStep implements Stateful, AutoCloseable {
  private static final String CROSS_ENTROPY = "losses.cross_entropy";
  private static final String BALANCE_LOSS = "losses.balance_loss";
  private static final String SKIPPED = "losses.skipped_steps";

  private final Device device;
  private final int microBatches;
  private final boolean maskPadding;
  private final TrainingPass pass;
  private final AdamWOptimizer optimizer;
  private final MemoryMover memory;
  private final StepSnapshot statistics;
  private final StepSnapshot losses;
  private final TargetWeights weights;
  private final Map<MicroBatch, Replayed> parts = new HashMap<>();
  private final Map<OptimizerPhase, Replayed> updates = new EnumMap<>(OptimizerPhase.class);
  private final StepProfiler profiler;
  private final Closer closer = new Closer();
  private boolean replaying = true;
  private Phase phase = Phase.DONE;
  private boolean taken;
  private int read;

  /**
   * Prepares steps.
   *
   * @param model trainable; stays its opener's
   * @param config batches, seed and revival
   * @param optimizer how parameters move
   * @param padId a token that no memory entry shall hold; −1 for none
   * @param weights of the targets of the loss
   */
  public TrainingStep(
      LanguageModel model,
      TrainConfig config,
      OptimizerConfig optimizer,
      int padId,
      TargetWeights weights) {
    this.device = model.device();
    this.microBatches = config.accumulationSteps();
    this.maskPadding = config.maskPadding();
    int sequence = model.config().maxSeqLen();
    this.weights = weights;
    this.profiler = new StepProfiler(device);
    try {
      this.pass =
          closer.add(new TrainingPass(model, config.batchSize(), sequence, 1f / microBatches));
      this.optimizer = closer.add(new AdamWOptimizer(device, model.parameters(), optimizer));
      this.memory = closer.add(new MemoryMover(model, config, padId));
      this.statistics =
          closer.add(new StepSnapshot(device, new ArrayList<>(model.buffers().tensors().values())));
      this.losses =
          closer.add(
              new StepSnapshot(
                  device,
                  List.of(pass.crossEntropy(), pass.balanceLoss(), this.optimizer.finiteSums())));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /**
   * Computes the gradient of a step and its norm; losses are added to those of {@link #pass}. They
   * are means over the targets of the whole step, however these are spread over micro-batches.
   *
   * @param step from 1
   * @param batches gives the micro-batches
   */
  public void gradients(long step, Supplier<Batch> batches) {
    phase = Phase.GRADIENTS;
    taken = false;
    read = 0;
    profiler.launches("gradients", () -> accumulate(step, batches));
  }

  private void accumulate(long step, Supplier<Batch> batches) {
    List<Batch> all =
        profiler.phase("data", () -> Stream.generate(batches).limit(microBatches).toList());
    double sum = all.stream().mapToDouble(batch -> weights.sum(batch.targets())).sum();
    // With end_token_weight 0 a short window may hold end tokens only: its loss and gradient are 0.
    double total = sum > 0 ? sum : 1;
    boolean movesMemory = memory.movesAfter(step);
    for (int micro = 1; micro <= microBatches; micro++) {
      Batch batch = all.get(micro - 1);
      pass.load(
          batch.inputIds(), batch.targets(), maskPadding ? batch.lengths() : null, weights, total);
      pass.locate(batch.sources());
      boolean last = micro == microBatches;
      MicroBatch part =
          new MicroBatch(
              micro == 1,
              last,
              last && movesMemory,
              optimizer.phase(step),
              memory.reads() ? micro - 1 : 0);
      if (replays()) {
        parts.computeIfAbsent(part, this::replayed).run();
        // A replay on a device with graphs does not pass through the method that says so.
        taken = true;
        read = micro;
      } else {
        run(part);
      }
    }
  }

  private Replayed replayed(MicroBatch part) {
    return new Replayed(device, () -> run(part));
  }

  private Replayed replayed(OptimizerPhase phase) {
    return new Replayed(device, () -> optimizer.update(phase));
  }

  /** Gradients add up over the micro-batches; entries follow what the last of them selects. */
  private void run(MicroBatch part) {
    if (part.first) {
      statistics.take();
      losses.take();
      taken = true;
      optimizer.zeroGradients();
    }
    pass.run(part.recorded);
    memory.read(pass, part.number);
    read = part.number + 1;
    if (part.last) {
      optimizer.measure(part.phase);
      statistics.restoreUnlessFinite(optimizer.condition());
      losses.restoreUnlessFinite(optimizer.condition());
      memory.forgetUnlessFinite(optimizer.condition());
    }
  }

  /** Moves the parameters by the gradient of this step, if that is finite. */
  public void update(long step) {
    phase = Phase.MOVES;
    profiler.launches("update", () -> move(step));
  }

  private void move(long step) {
    optimizer.prepare(step);
    OptimizerPhase what = optimizer.phase(step);
    if (replays()) {
      updates.computeIfAbsent(what, this::replayed).run();
    } else {
      optimizer.update(what);
    }
  }

  private boolean replays() {
    return replaying && !profiler.active();
  }

  /**
   * Moves the memory entries towards what the last micro-batch of this step selected them for, if
   * that is due and the gradient is finite: features of a step that is skipped may be no numbers.
   * Grouping the selections waits for the device in any case.
   *
   * @param measured whether to find out what changes
   */
  public Optional<MemoryMoveReport> moveMemory(long step, boolean measured) {
    if (!memory.movesAfter(step) || !optimizer.isFinite()) {
      return Optional.empty();
    }
    return profiler.launching("memory", () -> memory.move(pass, step, measured));
  }

  /**
   * Chooses whether steps are recorded and replayed, as they are at first, or launched operation by
   * operation, as a profile needs. The bits are the same.
   */
  public TrainingStep replaying(boolean value) {
    replaying = value;
    return this;
  }

  /** What takes down where the time of a step goes; while it does, steps are not replayed. */
  public StepProfiler profiler() {
    return profiler;
  }

  /** Notes that the present step is over, whether it moved anything or not. */
  void ended() {
    phase = Phase.DONE;
  }

  /**
   * Takes back what a step did that ended while it computed gradients: all is as the last step left
   * it.
   */
  void undoGradients() {
    if (taken) {
      losses.restore();
      skip();
    }
  }

  /**
   * Takes back what the gradients of a step changed, if nothing shall move by it: running
   * statistics and what the memory read. The losses of the step stay in their sums, since they were
   * measured.
   */
  void skip() {
    statistics.restore();
    memory.forget(read);
  }

  /** How far the present step is. */
  Phase phase() {
    return phase;
  }

  /** The forward and backward passes, with their losses. */
  public TrainingPass pass() {
    return pass;
  }

  /** What moves the parameters. */
  public AdamWOptimizer optimizer() {
    return optimizer;
  }

  /** What moves the memory entries. */
  MemoryMover memory() {
    return memory;
  }

  /** The optimiser, what moves the memory, and losses that were not reported yet. */
  @Override
  public void forEachState(StateVisitor visitor) {
    optimizer.forEachState(visitor);
    memory.forEachState(visitor);
    visitor.visit(CROSS_ENTROPY, pass.crossEntropy());
    visitor.visit(BALANCE_LOSS, pass.balanceLoss());
    visitor.visit(SKIPPED, new int[] {optimizer.skippedSteps()});
  }

  @Override
  public void restore(StateSource source) {
    optimizer.restore(source);
    memory.restore(source);
    States.read(source, CROSS_ENTROPY, pass.crossEntropy(), Values.finite());
    States.read(source, BALANCE_LOSS, pass.balanceLoss(), Values.finite());
    // Checkpoints from before steps could be skipped do not name it.
    boolean counted = source.shape(SKIPPED).isPresent();
    Values counts = Values.upToSteps("a count", source.steps());
    optimizer.setSkippedSteps(counted ? States.ints(source, SKIPPED, 1, counts)[0] : 0);
  }

  @Override
  public void close() {
    parts.values().forEach(closer::add);
    updates.values().forEach(closer::add);
    closer.close();
  }

  /** The parts of a step. */
  enum Phase {
    /** Parameters are as the last step left them; {@link #undoGradients} takes back the rest. */
    GRADIENTS,
    /** Parameters or entries are on their way. */
    MOVES,
    /** The step is over, or none has begun. */
    DONE
  }

  /**
   * The kinds of micro-batches, each with a graph of its own.
   *
   * @param number in the step, from 0, where the memory reads them: it keeps apart what each of
   *     them may change; else 0
   */
  private record MicroBatch(
      boolean first, boolean last, boolean recorded, OptimizerPhase phase, int number) {}
}
