// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.List;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterSpec;

/**
 * Makes the {@link Fusion} of each memory block: the way to add a fusion layer of one's own without
 * touching the library.
 */
public interface FusionFactory {
  /** The parameters of a block's fusion; their names begin with {@code layers.{layer}.}. */
  List<ParameterSpec> parameters(int layer, ModelConfig config);

  /** The fusion of a block around the parameters of an arena. */
  Fusion create(int layer, ModelConfig config, ParameterArena arena);

  /**
   * The factory of a configured fusion; {@code BESIDE} has none, since it is a block of its own.
   */
  static FusionFactory of(MemoryFusion fusion) {
    switch (fusion) {
      case GATED_MLP:
        return GatedMlpFusion.FACTORY;
      case CROSS_ATTENTION:
        return CrossAttentionFusion.FACTORY;
      default:
        throw new IllegalArgumentException(
            fusion + " is no fusion in place of a feed-forward layer");
    }
  }
}
