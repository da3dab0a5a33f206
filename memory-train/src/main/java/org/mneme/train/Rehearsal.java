// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.Arrays;
import org.mneme.memory.Codebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.TokenLosses;
import org.mneme.model.UsageObserver;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.Batch;

/** Trains and validates for a step with made-up tokens, on a device that tells what it takes. */
public final class Rehearsal {
  private static final int NO_PADDING = -1;

  private Rehearsal() {}

  /**
   * Runs a step in which everything happens that can: all micro-batches, the update, a move of the
   * memory if the model has one that moves, and a validation.
   *
   * @param model trainable, of the run's configuration
   */
  public static void step(LanguageModel model, RunConfig run) {
    TrainingPlan plan = TrainingPlan.of(run.train(), run.train().sequencesPerStep());
    Batch batch = batch(run.train().batchSize(), model.config().maxSeqLen());
    try (TrainingStep training =
        new TrainingStep(
            model, few(run.train()), plan.optimizer(), NO_PADDING, TargetWeights.EQUAL)) {
      long step = training.memory().frequency();
      training.gradients(step, () -> batch);
      training.update(step);
      training.moveMemory(step, true);
      validate(model, batch);
    }
  }

  /** From the second micro-batch on, nothing new is allocated. */
  private static TrainConfig few(TrainConfig train) {
    return train.toBuilder().accumulationSteps(Math.min(2, train.accumulationSteps())).build();
  }

  private static void validate(LanguageModel model, Batch batch) {
    int entries = model.memory().map(Codebook::entries).orElse(0);
    try (UsageObserver observer =
        entries == 0 ? null : new UsageObserver(model.device(), entries)) {
      if (observer != null) {
        observer.begin(batch.targets());
      }
      new TokenLosses(model, observer == null ? SelectionObserver.NONE : observer)
          .of(batch.inputIds(), batch.targets(), batch.batch(), batch.sequence());
    }
  }

  private static Batch batch(int sequences, int length) {
    int positions = Math.multiplyExact(sequences, length);
    int[] targets = new int[positions];
    Arrays.fill(targets, 1);
    return new Batch(new int[positions], targets, sequences, length, positions, positions);
  }
}
