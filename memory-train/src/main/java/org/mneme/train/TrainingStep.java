// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mneme.compute.Device;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.States;
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
 */
public final class TrainingStep implements Stateful, AutoCloseable {
  private static final String CROSS_ENTROPY = "losses.cross_entropy";
  private static final String BALANCE_LOSS = "losses.balance_loss";

  private final Device device;
  private final int microBatches;
  private final TrainingPass pass;
  private final AdamWOptimizer optimizer;
  private final MemoryMover memory;
  private final TargetWeights weights;
  private final Map<MicroBatch, Replayed> parts = new HashMap<>();
  private final Map<OptimizerPhase, Replayed> updates = new EnumMap<>(OptimizerPhase.class);
  private final StepProfiler profiler;
  private boolean replaying = true;
  private Phase phase = Phase.DONE;

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
    int sequence = model.config().maxSeqLen();
    this.pass = new TrainingPass(model, config.batchSize(), sequence, 1f / microBatches);
    this.optimizer = new AdamWOptimizer(device, model.parameters(), optimizer);
    this.memory = new MemoryMover(model, config, padId);
    this.weights = weights;
    this.profiler = new StepProfiler(device);
  }

  /**
   * Computes the gradient of a step and its norm; losses are added to those of {@link #pass}. They
   * are means over the targets of the whole step, however these are spread over micro-batches.
   *
   * @param step from 1
   * @param batches gives the micro-batches
   */
  public void gradients(long step, Supplier<Batch> batches) {
    phase = memory.reads() ? Phase.MOVES : Phase.GRADIENTS;
    profiler.launches("gradients", () -> accumulate(step, batches));
  }

  private void accumulate(long step, Supplier<Batch> batches) {
    List<Batch> all =
        profiler.phase("data", () -> Stream.generate(batches).limit(microBatches).toList());
    double total = all.stream().mapToDouble(batch -> weights.sum(batch.targets())).sum();
    boolean movesMemory = memory.movesAfter(step);
    for (int micro = 1; micro <= microBatches; micro++) {
      Batch batch = all.get(micro - 1);
      pass.load(batch.inputIds(), batch.targets(), weights, total);
      pass.locate(batch.sources());
      boolean last = micro == microBatches;
      MicroBatch part =
          new MicroBatch(micro == 1, last, last && movesMemory, optimizer.phase(step));
      if (replays()) {
        parts.computeIfAbsent(part, this::replayed).run();
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
      optimizer.zeroGradients();
    }
    pass.run(part.recorded);
    memory.read(pass);
    if (part.last) {
      optimizer.measure(part.phase);
    }
  }

  /** Moves the parameters by the gradient of this step. */
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
   * that is due.
   *
   * @param measured whether to find out what changes
   */
  public Optional<MemoryMoveReport> moveMemory(long step, boolean measured) {
    if (!memory.movesAfter(step)) {
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
  }

  @Override
  public void restore(StateSource source) {
    optimizer.restore(source);
    memory.restore(source);
    States.read(source, CROSS_ENTROPY, pass.crossEntropy());
    States.read(source, BALANCE_LOSS, pass.balanceLoss());
  }

  @Override
  public void close() {
    parts.values().forEach(Replayed::close);
    updates.values().forEach(Replayed::close);
    memory.close();
    optimizer.close();
    pass.close();
  }

  /** The parts of a step. */
  enum Phase {
    /** Parameters and entries are as the last step left them; losses and gradients add up. */
    GRADIENTS,
    /** Parameters or entries are on their way. */
    MOVES,
    /** The step is over, or none has begun. */
    DONE
  }

  /** The kinds of micro-batches, each with a graph of its own. */
  private record MicroBatch(boolean first, boolean last, boolean recorded, OptimizerPhase phase) {}
}
