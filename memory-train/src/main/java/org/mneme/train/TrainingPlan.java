// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.Map;
import java.util.OptionalDouble;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.optimizer.GroupSettings;
import org.mneme.train.optimizer.LearningRateSchedule;
import org.mneme.train.optimizer.OptimizerConfig;

/**
 * What is done at which step.
 *
 * @param config of the training
 * @param steps in all
 * @param embeddingSteps those in which the token embeddings learn; {@link Long#MAX_VALUE} for all
 */
record TrainingPlan(TrainConfig config, long steps, long embeddingSteps) {
  /** Steps at the beginning whose time says little: code is compiled, memory is first touched. */
  private static final long WARM_UP = 10;

  static TrainingPlan of(TrainConfig config, long sequencesPerEpoch) {
    long perStep = config.sequencesPerStep();
    long byEpochs =
        config.epochs() == 0
            ? Long.MAX_VALUE
            : stepsOf(config.epochs() * sequencesPerEpoch, perStep);
    long byMaximum = config.maxSteps() == 0 ? Long.MAX_VALUE : config.maxSteps();
    // A step belongs to the epoch of its first sequence.
    long embeddingSteps =
        config.embeddingEpoch() == 0
            ? Long.MAX_VALUE
            : stepsOf(config.embeddingEpoch() * sequencesPerEpoch, perStep);
    return new TrainingPlan(config, Math.min(byEpochs, byMaximum), embeddingSteps);
  }

  private static long stepsOf(long sequences, long perStep) {
    return (sequences + perStep - 1) / perStep;
  }

  boolean reportsAfter(long step) {
    return step % config.logInterval() == 0 || step == steps;
  }

  boolean validatesAfter(long step) {
    return isDue(step, config.evalInterval()) || step == steps;
  }

  /** The end has its own checkpoint. */
  boolean savesAfter(long step) {
    return isDue(step, config.saveInterval()) && step < steps;
  }

  private static boolean isDue(long step, int interval) {
    return interval > 0 && step % interval == 0;
  }

  /** Whether a validation follows after this step or one of the {@code span − 1} behind it. */
  boolean validatesWithin(long step, int span) {
    for (long next = step; next < step + span && next <= steps; next++) {
      if (validatesAfter(next)) {
        return true;
      }
    }
    return false;
  }

  /** Positions of a step of sequences of this length. */
  long tokensPerStep(int sequence) {
    return config.sequencesPerStep() * sequence;
  }

  /** Steps that do not count for the speed. */
  long warmUpSteps() {
    return Math.min(WARM_UP, steps / 2);
  }

  OptimizerConfig optimizer() {
    LearningRateSchedule schedule =
        new LearningRateSchedule(
            config.lrSchedule(), config.warmupIters(), steps, config.minLrRatio());
    return new OptimizerConfig(
        groups(),
        schedule,
        embeddingSteps,
        config.beta1(),
        config.beta2(),
        config.adamEps(),
        config.memoryOptimizer(),
        config.gradClip());
  }

  private Map<ParameterGroup, GroupSettings> groups() {
    Map<ParameterGroup, GroupSettings> groups =
        GroupSettings.defaults(
            config.learningRate(), config.memoryLearningRate(), config.weightDecay());
    groups.replaceAll((group, settings) -> settings(config.groups().of(group), settings));
    return groups;
  }

  private static GroupSettings settings(GroupConfig own, GroupSettings all) {
    return new GroupSettings(
        own.learningRate() == null ? all.learningRate() : own.learningRate(),
        own.weightDecay() == null ? all.weightDecay() : own.weightDecay(),
        own.clip() == null ? all.clip() : OptionalDouble.of(own.clip()));
  }
}
