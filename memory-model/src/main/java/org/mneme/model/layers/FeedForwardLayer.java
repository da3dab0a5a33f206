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

/** The SwiGLU feed-forward layer: W₂(silu(W₁u) ⊙ W₃u) (Shazeer 2020). */
final class FeedForwardLayer {
  private final Parameter gateAndUp;
  private final Parameter down;

  FeedForwardLayer(int layer, ParameterArena arena) {
    this.gateAndUp = arena.pack(prefix(layer) + "w13");
    this.down = arena.parameter(prefix(layer) + "w2.weight");
  }

  private static String prefix(int layer) {
    return "layers." + layer + ".feed_forward.";
  }

  /** w1 and w3 lie together, so that one product makes gate and up. */
  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    Shape up = Shape.of(config.hiddenDim(), config.dim());
    Initializer normal = Initializer.normal(Initializers.STANDARD_DEVIATION);
    String pack = prefix(layer) + "w13";
    return List.of(
        new ParameterSpec(prefix(layer) + "w1.weight", up, ParameterGroup.MATRIX, pack, normal),
        new ParameterSpec(prefix(layer) + "w3.weight", up, ParameterGroup.MATRIX, pack, normal),
        new ParameterSpec(
            prefix(layer) + "w2.weight",
            Shape.of(config.dim(), config.hiddenDim()),
            ParameterGroup.MATRIX,
            Initializers.residualBranch(config)));
  }

  /** u [N, d], result [N, d]. */
  Var forward(Tape tape, Var u) {
    Var hidden = NeuralFunctions.swiGlu(tape, NeuralFunctions.linear(tape, u, gateAndUp));
    return NeuralFunctions.linear(tape, hidden, down);
  }
}
