// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.model.autograd.HeadFunctions;
import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/**
 * Attention of n_heads heads over the S entries of a position, with log max(w_j, 1e-9) added to the
 * logits.
 *
 * <p>The projections of keys and values are absorbed: ⟨q, W_K m⟩ = ⟨W_Kᵀq, m⟩ and Σ p_j·W_V m_j =
 * W_V Σ p_j·m_j, so that they are done once for each position instead of once for each entry read.
 */
final class CrossAttentionFusion implements Fusion {
  static final FusionFactory FACTORY = new Factory();

  private final ModelConfig config;
  private final Parameter query;
  private final Parameter key;
  private final Parameter value;
  private final Parameter output;

  CrossAttentionFusion(int layer, ModelConfig config, ParameterArena arena) {
    this.config = config;
    this.query = arena.parameter(prefix(layer) + "wq.weight");
    this.key = arena.parameter(prefix(layer) + "wk.weight");
    this.value = arena.parameter(prefix(layer) + "wv.weight");
    this.output = arena.parameter(prefix(layer) + "wo.weight");
  }

  private static String prefix(int layer) {
    return "layers." + layer + ".memory_fusion.";
  }

  @Override
  public Var fuse(Tape tape, Var q, Var reads, Var weights) {
    int heads = config.nHeads();
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    Var queries = NeuralFunctions.linear(tape, q, query);
    Var absorbed = HeadFunctions.headsTimes(tape, queries, key, heads);
    Var mixed = MemoryFunctions.entryAttention(tape, absorbed, reads, weights, scale, heads);
    Var values = HeadFunctions.headsTimesTransposed(tape, mixed, value, heads);
    return NeuralFunctions.linear(tape, values, output);
  }

  private static final class Factory implements FusionFactory {
    @Override
    public List<ParameterSpec> parameters(int layer, ModelConfig config) {
      Initializer normal = Initializer.normal(Initializers.STANDARD_DEVIATION);
      return List.of(
          matrix(layer, "wq", config.dim(), config.dim(), normal),
          matrix(layer, "wk", config.dim(), config.readWidth(), normal),
          matrix(layer, "wv", config.dim(), config.readWidth(), normal),
          matrix(layer, "wo", config.dim(), config.dim(), Initializers.residualBranch(config)));
    }

    @Override
    public Fusion create(int layer, ModelConfig config, ParameterArena arena) {
      return new CrossAttentionFusion(layer, config, arena);
    }

    private static ParameterSpec matrix(
        int layer, String name, long out, long in, Initializer initializer) {
      return new ParameterSpec(
          prefix(layer) + name + ".weight", Shape.of(out, in), ParameterGroup.MATRIX, initializer);
    }
  }
}
