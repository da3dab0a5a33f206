// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.Fusion;
import org.mneme.model.layers.FusionFactory;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/**
 * The example of {@code docs/adding-a-fusion-layer.md}: the weighted sum of the reads, projected,
 * gated by the query and projected again.
 *
 * <pre>{@code
 * r   = Σ_j w_j·m_j
 * out = W_o(silu(W_g q) ⊙ W_v r)
 * }</pre>
 */
final class GatedSumFusion implements Fusion {
  private final Parameter gate;
  private final Parameter value;
  private final Parameter output;

  private GatedSumFusion(int layer, ParameterArena arena) {
    this.gate = arena.parameter(name(layer, "gate"));
    this.value = arena.parameter(name(layer, "value"));
    this.output = arena.parameter(name(layer, "output"));
  }

  private static String name(int layer, String matrix) {
    return "layers." + layer + ".memory_fusion." + matrix + ".weight";
  }

  @Override
  public Var fuse(Tape tape, Var q, Var reads, Var weights) {
    Var sum = MemoryFunctions.weightedSum(tape, reads, weights); // [N, width]
    Var projected = NeuralFunctions.linear(tape, sum, value); // [N, d]
    Var gates = NeuralFunctions.linear(tape, q, gate); // [N, d]
    Var gated = NeuralFunctions.siluGate(tape, gates, projected); // [N, d]
    return NeuralFunctions.linear(tape, gated, output); // [N, d]
  }

  /** Lists the parameters of each memory block and makes its fusion. */
  static final class Factory implements FusionFactory {
    private static final double STANDARD_DEVIATION = 0.02;

    @Override
    public List<ParameterSpec> parameters(int layer, ModelConfig config) {
      int d = config.dim();
      return List.of(
          matrix(layer, "gate", d, d),
          matrix(layer, "value", d, config.readWidth()),
          matrix(layer, "output", d, d));
    }

    private static ParameterSpec matrix(int layer, String matrix, int out, int in) {
      return new ParameterSpec(
          name(layer, matrix),
          Shape.of(out, in),
          ParameterGroup.MATRIX,
          Initializer.normal(STANDARD_DEVIATION));
    }

    @Override
    public Fusion create(int layer, ModelConfig config, ParameterArena arena) {
      return new GatedSumFusion(layer, arena);
    }
  }
}
