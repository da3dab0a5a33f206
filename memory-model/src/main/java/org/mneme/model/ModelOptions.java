// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.Optional;
import org.mneme.compute.DType;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.FusionFactory;

/**
 * How a model is held, as opposed to what it is.
 *
 * @param computeType dtype of activations and of the weights that layers compute with; the
 *     optimiser's weights are F32 in any case
 * @param trainable whether gradients are kept
 * @param fusion a fusion of one's own in place of the configured one
 */
public record ModelOptions(DType computeType, boolean trainable, Optional<FusionFactory> fusion) {
  /** F32, with gradients. */
  public static ModelOptions training() {
    return new ModelOptions(DType.F32, true, Optional.empty());
  }

  /** F32, without gradients. */
  public static ModelOptions evaluation() {
    return new ModelOptions(DType.F32, false, Optional.empty());
  }

  /** These options with another dtype. */
  public ModelOptions withComputeType(DType type) {
    return new ModelOptions(type, trainable, fusion);
  }

  /** These options with a fusion of one's own. */
  public ModelOptions withFusion(FusionFactory factory) {
    return new ModelOptions(computeType, trainable, Optional.of(factory));
  }

  /** The factory for a configuration; null where no block has a fusion. */
  FusionFactory fusionOf(ModelConfig config) {
    if (fusion.isPresent() || config.memoryFusion() == MemoryFusion.BESIDE) {
      return fusion.orElse(null);
    }
    return FusionFactory.of(config.memoryFusion());
  }
}
