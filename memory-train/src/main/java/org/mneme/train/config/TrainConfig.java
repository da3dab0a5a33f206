// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.mneme.compute.DType;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.train.optimizer.MemoryOptimizer;
import org.mneme.train.optimizer.ScheduleForm;

/**
 * How a model is trained; checked when it is made. Keys on disk are the component names in snake
 * case; defaults stand in {@link TrainConfigBuilder}. A <em>step</em> is an optimiser step: {@code
 * accumulationSteps} micro-batches of {@code batchSize} sequences.
 *
 * @param learningRate of all parameters but learned memory values, after the warm-up
 * @param memoryLearningRate of learned memory values, which have no weight decay
 * @param groups parameters with a learning rate, decay or clip of their own
 * @param embeddingEpoch epochs in which the token embeddings learn: they are frozen from this epoch
 *     on, counted from 0; 0 for never
 * @param lrSchedule how the learning rates go from the end of the warm-up to the last step
 * @param minLrRatio share of the learning rates that is left at the last step of a cosine
 * @param warmupIters steps in which the learning rates grow from 0
 * @param batchSize B, sequences of a micro-batch
 * @param accumulationSteps micro-batches of a step
 * @param epochs passes over the training documents; 0 if {@code maxSteps} alone decides
 * @param maxSteps steps after which the training ends in any case; 0 if {@code epochs} alone
 *     decides
 * @param gradClip largest norm of the gradient of all parameters; 0 for no limit
 * @param weightDecay of matrices
 * @param endTokenWeight weight of the end token among the targets of the loss; 1 for that of all
 *     others
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param adamEps AdamW's ε
 * @param memoryOptimizer which learned memory values a step moves
 * @param spikeGuard what happens at a loss or gradient norm far above those before it
 * @param alarms what happens when something in the training is dead
 * @param logInterval steps between reports; losses are read from the device only then
 * @param evalAtStart whether the first validation comes before the first step
 * @param evalInterval steps between validations; 0 for one after the last step only
 * @param evalBatches batches of a validation; 0 for all
 * @param saveInterval steps between checkpoints; 0 for one at the end only
 * @param keepLast newest checkpoints that stay
 * @param keepBest checkpoints with the lowest validation loss that stay besides
 * @param seed of the order of the data and of the memory's moves
 * @param dtype of activations and of the weights that layers compute with, F32 or BF16; weights
 *     that the optimiser moves are F32 in any case
 * @param maskPadding whether padding takes part in nothing that trains or measures a memory; else
 *     it does, as published
 * @param memoryInit what memory entries are before the first step
 * @param revivalUnusedUpdates EMA updates without a selection after which an entry gets new
 *     contents; 0 for never
 * @param revivalMaxShare largest share of the entries that get new contents at once
 * @param revivalSource where the new contents are from
 * @param revivalNoise how much a copy of a used entry is changed
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = TrainConfigBuilder.class)
public record TrainConfig(
    double learningRate,
    double memoryLearningRate,
    GroupsConfig groups,
    int embeddingEpoch,
    ScheduleForm lrSchedule,
    double minLrRatio,
    int warmupIters,
    int batchSize,
    int accumulationSteps,
    int epochs,
    long maxSteps,
    double gradClip,
    double weightDecay,
    double endTokenWeight,
    double beta1,
    double beta2,
    double adamEps,
    MemoryOptimizer memoryOptimizer,
    SpikeConfig spikeGuard,
    AlarmConfig alarms,
    int logInterval,
    boolean evalAtStart,
    int evalInterval,
    int evalBatches,
    int saveInterval,
    int keepLast,
    int keepBest,
    long seed,
    DType dtype,
    boolean maskPadding,
    MemoryInit memoryInit,
    int revivalUnusedUpdates,
    double revivalMaxShare,
    RevivalSource revivalSource,
    double revivalNoise) {

  private static final int MOST_SEQUENCES = 1 << 20;
  private static final long MOST_STEPS = 1_000_000_000_000L;
  private static final int MOST_KEPT = 1_000_000;

  /**
   * Checks all values.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong, what was found and what
   *     was expected
   */
  public TrainConfig {
    Faults faults = new Faults("training configuration");
    boolean known =
        groups != null
            && lrSchedule != null
            && memoryOptimizer != null
            && spikeGuard != null
            && alarms != null
            && memoryInit != null
            && revivalSource != null;
    faults.expect(
        known,
        "groups, lr_schedule, memory_optimizer, spike_guard, alarms, memory_init or revival_source",
        null,
        "a value");
    if (known) {
      groups.check(faults, "groups");
      spikeGuard.check(faults, "spike_guard");
      alarms.check(faults, "alarms");
    }
    faults.expect(dtype != null && dtype.isFloating(), "dtype", dtype, "f32 or bf16");
    faults.positive("learning_rate", learningRate);
    if (memoryLearningRate != learningRate) {
      faults.positive("memory_learning_rate", memoryLearningRate);
    }
    faults.atLeast("embedding_epoch", embeddingEpoch, 0);
    faults.share("min_lr_ratio", minLrRatio);
    faults.atLeast("warmup_iters", warmupIters, 0);
    faults.between("batch_size", batchSize, 1, MOST_SEQUENCES);
    faults.between("accumulation_steps", accumulationSteps, 1, MOST_SEQUENCES);
    faults.atLeast("epochs", epochs, 0);
    faults.between("max_steps", maxSteps, 0, MOST_STEPS);
    boolean ends = epochs != 0 || maxSteps != 0;
    faults.expect(ends, "epochs and max_steps", "0 both", "at least one of them above 0");
    faults.notNegative("grad_clip", gradClip);
    faults.notNegative("weight_decay", weightDecay);
    faults.notNegative("end_token_weight", endTokenWeight);
    faults.expect(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and below 1");
    faults.expect(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and below 1");
    faults.positive("adam_eps", adamEps);
    faults.atLeast("log_interval", logInterval, 1);
    faults.atLeast("eval_interval", evalInterval, 0);
    faults.atLeast("eval_batches", evalBatches, 0);
    faults.atLeast("save_interval", saveInterval, 0);
    faults.between("keep_last", keepLast, 1, MOST_KEPT);
    faults.between("keep_best", keepBest, 0, MOST_KEPT);
    faults.atLeast("revival_unused_updates", revivalUnusedUpdates, 0);
    boolean some = revivalMaxShare > 0 && revivalMaxShare <= 1;
    faults.expect(some, "revival_max_share", revivalMaxShare, "above 0 and at most 1");
    faults.share("revival_noise", revivalNoise);
    faults.throwIfAny();
  }

  /** A builder with the defaults. */
  public static TrainConfigBuilder builder() {
    return new TrainConfigBuilder();
  }

  /** A builder with the values of this configuration. */
  public TrainConfigBuilder toBuilder() {
    return new TrainConfigBuilder(this);
  }

  /** Sequences of a step. */
  public long sequencesPerStep() {
    return (long) batchSize * accumulationSteps;
  }

  /** Whether unused entries get new contents. */
  public boolean revives() {
    return revivalUnusedUpdates > 0;
  }
}
