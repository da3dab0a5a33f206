// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.Locale;
import org.mneme.model.config.ModelFlops;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;

/**
 * A system with its complete configuration.
 *
 * @param name of the system
 * @param label what it is
 * @param run what is trained, but for seed and texts
 */
record PlannedSystem(String name, String label, RunConfig run) {
  private static final double MEGA = 1e6;

  /** The configuration of a run. */
  RunConfig withSeed(long seed) {
    return with(run.train().toBuilder().seed(seed).build());
  }

  /** The same with another training. */
  RunConfig with(TrainConfig train) {
    return run.withTrain(train);
  }

  /** Positions of a step. */
  long tokensPerStep() {
    return run.train().sequencesPerStep() * run.model().maxSeqLen();
  }

  /** Positions of the whole training. */
  long tokens() {
    return run.train().maxSteps() * tokensPerStep();
  }

  /** Floating-point operations of training on one position, see {@link ModelFlops}. */
  double flopsPerToken() {
    return ModelFlops.of(run.model()).training();
  }

  /** Floating-point operations of the whole training. */
  double flops() {
    return flopsPerToken() * tokens();
  }

  /** What is trained, in a line. */
  String inWords() {
    return String.format(
        Locale.ROOT,
        "%s; %,d steps of %,d tokens, %.1f MFLOPs a token, %.1f TFLOPs",
        label,
        run.train().maxSteps(),
        tokensPerStep(),
        flopsPerToken() / MEGA,
        flops() / MEGA / MEGA);
  }
}
