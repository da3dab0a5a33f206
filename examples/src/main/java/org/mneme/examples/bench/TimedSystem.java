// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.model.LanguageModel;
import org.mneme.model.ModelOptions;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.TrainingStep;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.optimizer.GroupSettings;
import org.mneme.train.optimizer.LearningRateSchedule;
import org.mneme.train.optimizer.OptimizerConfig;
import org.mneme.train.optimizer.ScheduleForm;

/** A model with all that a training step needs, fed with random tokens. */
final class TimedSystem implements AutoCloseable {
  /** Batches made before the clock starts, then used in turn. */
  private static final int BATCHES = 8;

  private static final int NO_PADDING = -1;

  private final LanguageModel model;
  private final TrainingStep training;
  private final List<Batch> batches = new ArrayList<>();
  private final Closer closer = new Closer();
  private long step;

  TimedSystem(Device device, ModelConfig config, BenchDefaults plan) {
    BenchShape shape = plan.shape();
    DType type = plan.type();
    ModelOptions options = ModelOptions.training().withComputeType(type);
    TrainConfig train =
        TrainConfig.builder().batchSize(shape.batch()).accumulationSteps(1).dtype(type).build();
    try {
      this.model = closer.add(LanguageModel.create(device, config, options, 1));
      this.training =
          closer.add(
              new TrainingStep(model, train, optimizer(plan), NO_PADDING, TargetWeights.EQUAL));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < BATCHES; i++) {
      batches.add(batch(random, shape));
    }
  }

  private static OptimizerConfig optimizer(BenchDefaults plan) {
    LearningRateSchedule constant = new LearningRateSchedule(ScheduleForm.CONSTANT, 0, 1, 0);
    return new OptimizerConfig(
        GroupSettings.defaults(2e-4, 2e-4, 0.01),
        constant,
        Long.MAX_VALUE,
        0.9,
        0.95,
        1e-8,
        plan.memoryOptimizer(),
        1.0);
  }

  private static Batch batch(SplittableRandom random, BenchShape shape) {
    int tokens = Math.toIntExact(shape.tokensPerStep());
    return new Batch(
        random.ints(tokens, 0, shape.vocabulary()).toArray(),
        random.ints(tokens, 0, shape.vocabulary()).toArray(),
        shape.batch(),
        shape.sequence(),
        tokens,
        tokens);
  }

  long parameters() {
    return model.parameters().table().parameterCount();
  }

  /** One whole step: forward, backward, clip, AdamW and, when it is due, EMA. */
  void step() {
    step++;
    training.gradients(step, () -> batches.get((int) (step % BATCHES)));
    training.update(step);
    training.moveMemory(step, false);
  }

  /** From now on, so that a profile sees the operations. */
  void launchOneByOne() {
    training.replaying(false);
  }

  @Override
  public void close() {
    closer.close();
  }
}
