// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;

/** First values that several layers share. */
final class Initializers {
  /** Of matrices and embeddings, as in GPT-2. */
  static final double STANDARD_DEVIATION = 0.02;

  private Initializers() {}

  /** Of matrices that write to the residual stream: smaller with depth (Radford et al. 2019). */
  static Initializer residualBranch(ModelConfig config) {
    return Initializer.normal(STANDARD_DEVIATION / Math.sqrt(2.0 * config.nLayers()));
  }
}
