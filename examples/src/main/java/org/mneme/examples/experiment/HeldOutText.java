// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import org.mneme.train.TrainingData;

/**
 * What a run is measured on.
 *
 * @param data its text, of which a part is held out
 * @param source what the held-out text is
 * @param batches most held-out batches that count; 0 for all
 */
public record HeldOutText(TrainingData data, String source, int batches) {}
