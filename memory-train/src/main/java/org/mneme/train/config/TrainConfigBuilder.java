// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import org.mneme.compute.DType;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.train.optimizer.MemoryOptimizer;
import org.mneme.train.optimizer.ScheduleForm;

/**
 * Builds a {@link TrainConfig}; the defaults are those of the published experiments, with the batch
 * of 1.4.6.
 */
@JsonPOJOBuilder(withPrefix = "")
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public final class TrainConfigBuilder {
  private double learningRate = 2e-4;
  private double memoryLearningRate = Double.NaN;
  private GroupsConfig groups = GroupsConfig.SAME;
  private int embeddingEpoch;
  private ScheduleForm lrSchedule = ScheduleForm.COSINE;
  private double minLrRatio = 0.1;
  private int warmupIters;
  private int batchSize = 48;
  private int accumulationSteps = 12;
  private int epochs = 3;
  private long maxSteps;
  private double gradClip = 1.0;
  private double weightDecay = 0.01;
  private double endTokenWeight = 1;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double adamEps = 1e-8;
  private MemoryOptimizer memoryOptimizer = MemoryOptimizer.DENSE;
  private SpikeConfig spikeGuard = SpikeConfig.DEFAULT;
  private AlarmConfig alarms = AlarmConfig.DEFAULT;
  private int logInterval = 10;
  private boolean evalAtStart = true;
  private int evalInterval = 500;
  private int evalBatches = 50;
  private int saveInterval = 1000;
  private int keepLast = 2;
  private int keepBest = 1;
  private long seed = 42;
  private DType dtype = DType.F32;
  private boolean maskPadding = true;
  private MemoryInit memoryInit = MemoryInit.RANDOM;
  private int revivalUnusedUpdates;
  private double revivalMaxShare = 0.1;
  private RevivalSource revivalSource = RevivalSource.USED;
  private double revivalNoise = 0.1;

  TrainConfigBuilder() {}

  TrainConfigBuilder(TrainConfig config) {
    learningRate = config.learningRate();
    boolean same = config.memoryLearningRate() == config.learningRate();
    memoryLearningRate = same ? Double.NaN : config.memoryLearningRate();
    groups = config.groups();
    embeddingEpoch = config.embeddingEpoch();
    lrSchedule = config.lrSchedule();
    minLrRatio = config.minLrRatio();
    warmupIters = config.warmupIters();
    batchSize = config.batchSize();
    accumulationSteps = config.accumulationSteps();
    epochs = config.epochs();
    maxSteps = config.maxSteps();
    gradClip = config.gradClip();
    weightDecay = config.weightDecay();
    endTokenWeight = config.endTokenWeight();
    beta1 = config.beta1();
    beta2 = config.beta2();
    adamEps = config.adamEps();
    memoryOptimizer = config.memoryOptimizer();
    spikeGuard = config.spikeGuard();
    alarms = config.alarms();
    logInterval = config.logInterval();
    evalAtStart = config.evalAtStart();
    evalInterval = config.evalInterval();
    evalBatches = config.evalBatches();
    saveInterval = config.saveInterval();
    keepLast = config.keepLast();
    keepBest = config.keepBest();
    seed = config.seed();
    dtype = config.dtype();
    maskPadding = config.maskPadding();
    memoryInit = config.memoryInit();
    revivalUnusedUpdates = config.revivalUnusedUpdates();
    revivalMaxShare = config.revivalMaxShare();
    revivalSource = config.revivalSource();
    revivalNoise = config.revivalNoise();
  }

  /** Of all parameters but learned memory values, after the warm-up. */
  public TrainConfigBuilder learningRate(double value) {
    learningRate = value;
    return this;
  }

  /** Of learned memory values; as long as it is not set, it is the learning rate of the others. */
  public TrainConfigBuilder memoryLearningRate(double value) {
    memoryLearningRate = value;
    return this;
  }

  /** Parameters with a learning rate, decay or clip of their own. */
  public TrainConfigBuilder groups(GroupsConfig value) {
    groups = value;
    return this;
  }

  /** Epochs in which the token embeddings learn; 0 for all. */
  public TrainConfigBuilder embeddingEpoch(int value) {
    embeddingEpoch = value;
    return this;
  }

  /** How the learning rates go from the end of the warm-up to the last step. */
  public TrainConfigBuilder lrSchedule(ScheduleForm value) {
    lrSchedule = value;
    return this;
  }

  /** Share of the learning rates that is left at the last step of a cosine. */
  public TrainConfigBuilder minLrRatio(double value) {
    minLrRatio = value;
    return this;
  }

  /** Steps in which the learning rates grow from 0. */
  public TrainConfigBuilder warmupIters(int value) {
    warmupIters = value;
    return this;
  }

  /** B, sequences of a micro-batch. */
  public TrainConfigBuilder batchSize(int value) {
    batchSize = value;
    return this;
  }

  /** Micro-batches of a step. */
  public TrainConfigBuilder accumulationSteps(int value) {
    accumulationSteps = value;
    return this;
  }

  /** Passes over the training documents; 0 if {@code maxSteps} alone decides. */
  public TrainConfigBuilder epochs(int value) {
    epochs = value;
    return this;
  }

  /** Steps after which the training ends in any case; 0 if {@code epochs} alone decides. */
  public TrainConfigBuilder maxSteps(long value) {
    maxSteps = value;
    return this;
  }

  /** Largest norm of the gradient of all parameters; 0 for no limit. */
  public TrainConfigBuilder gradClip(double value) {
    gradClip = value;
    return this;
  }

  /** Of matrices. */
  public TrainConfigBuilder weightDecay(double value) {
    weightDecay = value;
    return this;
  }

  /** Weight of the end token among the targets of the loss. */
  public TrainConfigBuilder endTokenWeight(double value) {
    endTokenWeight = value;
    return this;
  }

  /** Decay of AdamW's first moment. */
  public TrainConfigBuilder beta1(double value) {
    beta1 = value;
    return this;
  }

  /** Decay of AdamW's second moment. */
  public TrainConfigBuilder beta2(double value) {
    beta2 = value;
    return this;
  }

  /** AdamW's ε. */
  public TrainConfigBuilder adamEps(double value) {
    adamEps = value;
    return this;
  }

  /** Which learned memory values a step moves. */
  public TrainConfigBuilder memoryOptimizer(MemoryOptimizer value) {
    memoryOptimizer = value;
    return this;
  }

  /** What happens at a loss or gradient norm far above those before it. */
  public TrainConfigBuilder spikeGuard(SpikeConfig value) {
    spikeGuard = value;
    return this;
  }

  /** What happens when something in the training is dead. */
  public TrainConfigBuilder alarms(AlarmConfig value) {
    alarms = value;
    return this;
  }

  /** Steps between reports; losses are read from the device only then. */
  public TrainConfigBuilder logInterval(int value) {
    logInterval = value;
    return this;
  }

  /** Whether the first validation comes before the first step. */
  public TrainConfigBuilder evalAtStart(boolean value) {
    evalAtStart = value;
    return this;
  }

  /** Steps between validations; 0 for one after the last step only. */
  public TrainConfigBuilder evalInterval(int value) {
    evalInterval = value;
    return this;
  }

  /** Batches of a validation; 0 for all. */
  public TrainConfigBuilder evalBatches(int value) {
    evalBatches = value;
    return this;
  }

  /** Steps between checkpoints; 0 for one at the end only. */
  public TrainConfigBuilder saveInterval(int value) {
    saveInterval = value;
    return this;
  }

  /** Newest checkpoints that stay. */
  public TrainConfigBuilder keepLast(int value) {
    keepLast = value;
    return this;
  }

  /** Checkpoints with the lowest validation loss that stay besides. */
  public TrainConfigBuilder keepBest(int value) {
    keepBest = value;
    return this;
  }

  /** Of the order of the data and of the memory's moves. */
  public TrainConfigBuilder seed(long value) {
    seed = value;
    return this;
  }

  /** Of activations and of the weights that layers compute with: F32 or BF16. */
  public TrainConfigBuilder dtype(DType value) {
    dtype = value;
    return this;
  }

  /** Whether padding takes part in nothing that trains or measures a memory. */
  public TrainConfigBuilder maskPadding(boolean value) {
    maskPadding = value;
    return this;
  }

  /** What memory entries are before the first step. */
  public TrainConfigBuilder memoryInit(MemoryInit value) {
    memoryInit = value;
    return this;
  }

  /** EMA updates without a selection after which an entry gets new contents; 0 for never. */
  public TrainConfigBuilder revivalUnusedUpdates(int value) {
    revivalUnusedUpdates = value;
    return this;
  }

  /** Largest share of the entries that get new contents at once. */
  public TrainConfigBuilder revivalMaxShare(double value) {
    revivalMaxShare = value;
    return this;
  }

  /** Where the new contents are from. */
  public TrainConfigBuilder revivalSource(RevivalSource value) {
    revivalSource = value;
    return this;
  }

  /** How much a copy of a used entry is changed. */
  public TrainConfigBuilder revivalNoise(double value) {
    revivalNoise = value;
    return this;
  }

  /**
   * The configuration.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong
   */
  public TrainConfig build() {
    return new TrainConfig(
        learningRate,
        Double.isNaN(memoryLearningRate) ? learningRate : memoryLearningRate,
        groups,
        embeddingEpoch,
        lrSchedule,
        minLrRatio,
        warmupIters,
        batchSize,
        accumulationSteps,
        epochs,
        maxSteps,
        gradClip,
        weightDecay,
        endTokenWeight,
        beta1,
        beta2,
        adamEps,
        memoryOptimizer,
        spikeGuard,
        alarms,
        logInterval,
        evalAtStart,
        evalInterval,
        evalBatches,
        saveInterval,
        keepLast,
        keepBest,
        seed,
        dtype,
        maskPadding,
        memoryInit,
        revivalUnusedUpdates,
        revivalMaxShare,
        revivalSource,
        revivalNoise);
  }
}
