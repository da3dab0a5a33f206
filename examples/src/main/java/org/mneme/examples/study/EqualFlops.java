// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import org.mneme.compute.UserException;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelFlops;
import org.mneme.train.config.RunConfig;

/** Gives a training as many floating-point operations as another one has. */
final class EqualFlops {
  /** Widths are multiples of this many numbers, as matrix products of bf16 want them. */
  private static final int GRAIN = 8;

  private EqualFlops() {}

  /** As many steps as take the operations of the other training, to the nearest. */
  static PlannedSystem bySteps(PlannedSystem system, PlannedSystem like) {
    double perStep = system.flopsPerToken() * system.tokensPerStep();
    long steps = Math.max(1, Math.round(like.flops() / perStep));
    RunConfig run = system.with(system.run().train().toBuilder().maxSteps(steps).build());
    return new PlannedSystem(system.name(), system.label(), run);
  }

  /**
   * Feed-forward layers so wide that a position takes the operations of the other system, to the
   * nearest multiple of {@value #GRAIN}.
   *
   * @throws UserException if there are none, or they would have no width left
   */
  static PlannedSystem byHiddenDim(PlannedSystem system, PlannedSystem like) {
    ModelConfig model = system.run().model();
    double none = flops(model, GRAIN);
    double perGrain = flops(model, 2 * GRAIN) - none;
    long grains = perGrain == 0 ? 0 : 1 + Math.round((like.flopsPerToken() - none) / perGrain);
    if (grains < 1 || grains > Integer.MAX_VALUE / GRAIN) {
      throw new UserException(
          "system '"
              + system.name()
              + "': has no feed-forward layers that could be so wide that a token takes the "
              + "operations of '"
              + like.name()
              + "'; expected flops_by: steps");
    }
    RunConfig run = system.run();
    ModelConfig wide = width(model, Math.toIntExact(grains * GRAIN));
    return new PlannedSystem(system.name(), system.label(), run.withModel(wide));
  }

  private static double flops(ModelConfig model, int hiddenDim) {
    return ModelFlops.of(width(model, hiddenDim)).training();
  }

  private static ModelConfig width(ModelConfig model, int hiddenDim) {
    return model.toBuilder().hiddenDim(hiddenDim).build();
  }
}
