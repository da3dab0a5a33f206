// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * What a training is about to do.
 *
 * @param steps optimiser steps, those done before a resume included
 * @param tokensPerStep positions of a step, padding included
 * @param parameters trainable values of the model
 * @param stepsDone optimiser steps that were done before, and told then: 0 but after a resume
 */
public record TrainingStart(
    long steps, long tokensPerStep, long parameters, @JsonIgnore long stepsDone) {

  /** The start of a training from its beginning. */
  public TrainingStart(long steps, long tokensPerStep, long parameters) {
    this(steps, tokensPerStep, parameters, 0);
  }

  /** Whether an earlier part of this training was told already. */
  public boolean resumed() {
    return stepsDone > 0;
  }
}
