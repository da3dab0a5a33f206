// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.NeuralFunctions.Residual;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/**
 * A dense block followed by a memory (after Lample et al. 2019 and Berges et al. 2024): h′ is the
 * dense block's output, x = RMSNorm(h′), out = h′ + W_o(r ⊙ silu(W_g x)), where r is the weighted
 * sum of what is read.
 */
final class BesideBlock implements Block {
  private final float eps;
  private final DenseBlock dense;
  private final Parameter memoryNorm;
  private final MemorySum memory;
  private final Parameter outputGate;
  private final Parameter output;

  BesideBlock(
      int layer, ModelConfig config, ParameterArena arena, DenseBlock dense, MemorySum memory) {
    this.eps = (float) config.normEps();
    this.dense = dense;
    this.memoryNorm = arena.parameter(Norms.name(layer, "memory_norm"));
    this.memory = memory;
    this.outputGate = arena.parameter(prefix(layer) + "gate.weight");
    this.output = arena.parameter(prefix(layer) + "output.weight");
  }

  private static String prefix(int layer) {
    return "layers." + layer + ".memory.";
  }

  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    Shape square = Shape.of(config.dim(), config.dim());
    List<ParameterSpec> specs = new ArrayList<>(DenseBlock.parameters(layer, config));
    specs.add(Norms.parameter(Norms.name(layer, "memory_norm"), config));
    specs.addAll(
        config.remembersContexts()
            ? ContextSum.parameters(layer, config)
            : ProductKeyGate.parameters(layer, config));
    specs.add(
        new ParameterSpec(
            prefix(layer) + "gate.weight",
            square,
            ParameterGroup.MATRIX,
            Initializer.normal(Initializers.STANDARD_DEVIATION)));
    specs.add(
        new ParameterSpec(
            prefix(layer) + "output.weight",
            square,
            ParameterGroup.MATRIX,
            Initializers.residualBranch(config)));
    return specs;
  }

  @Override
  public Stream forward(LayerContext context, Stream stream) {
    Tape tape = context.tape();
    Residual h = dense.forward(context, stream).normed(tape, memoryNorm, eps);
    Var x = h.normed();
    Var sum = memory.forward(context, x);
    Var gated = NeuralFunctions.siluGate(tape, NeuralFunctions.linear(tape, x, outputGate), sum);
    return new Stream(h.sum(), NeuralFunctions.linear(tape, gated, output));
  }
}
