// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * What a training is about to do.
 *
 * @param steps optimiser steps
 * @param tokensPerStep positions of a step, padding included
 * @param parameters trainable values of the model
 */
public record TrainingStart(long steps, long tokensPerStep, long parameters) {}
