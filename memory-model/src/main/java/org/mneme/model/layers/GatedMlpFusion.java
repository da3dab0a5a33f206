// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** z = [q ; w₁m₁ ; … ; w_S m_S]; out = W_down(silu(W_gate z) ⊙ W_up z). */
final class GatedMlpFusion implements ConcatFusion {
  static final FusionFactory FACTORY = new Factory();

  private final Parameter gateAndUp;
  private final Parameter down;

  GatedMlpFusion(int layer, ParameterArena arena) {
    this.gateAndUp = arena.pack(prefix(layer) + "gate_up");
    this.down = arena.parameter(prefix(layer) + "down_proj.weight");
  }

  private static String prefix(int layer) {
    return "layers." + layer + ".memory_fusion.";
  }

  @Override
  public Var fuse(Tape tape, Var z) {
    Var hidden = NeuralFunctions.swiGlu(tape, NeuralFunctions.linear(tape, z, gateAndUp));
    return NeuralFunctions.linear(tape, hidden, down);
  }

  private static final class Factory implements FusionFactory {
    @Override
    public List<ParameterSpec> parameters(int layer, ModelConfig config) {
      long slots = (long) config.memoryHeads() * config.numSelected();
      Shape in = Shape.of(config.dim(), config.dim() + slots * config.readWidth());
      Initializer normal = Initializer.normal(Initializers.STANDARD_DEVIATION);
      String pack = prefix(layer) + "gate_up";
      return List.of(
          new ParameterSpec(
              prefix(layer) + "gate_proj.weight", in, ParameterGroup.MATRIX, pack, normal),
          new ParameterSpec(
              prefix(layer) + "up_proj.weight", in, ParameterGroup.MATRIX, pack, normal),
          new ParameterSpec(
              prefix(layer) + "down_proj.weight",
              Shape.of(config.dim(), config.dim()),
              ParameterGroup.MATRIX,
              Initializers.residualBranch(config)));
    }

    @Override
    public Fusion create(int layer, ModelConfig config, ParameterArena arena) {
      return new GatedMlpFusion(layer, arena);
    }
  }
}
