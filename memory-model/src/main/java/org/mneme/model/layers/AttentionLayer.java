// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** Causal grouped-query self-attention with rotary positions. */
final class AttentionLayer {
  private final int layer;
  private final ModelConfig config;
  private final Parameter packed;
  private final Parameter output;
  private final Tensor rotary;

  AttentionLayer(int layer, ModelConfig config, ParameterArena arena, Tensor rotary) {
    this.layer = layer;
    this.config = config;
    this.rotary = rotary;
    this.packed = arena.pack(prefix(layer) + "qkv");
    this.output = arena.parameter(prefix(layer) + "wo.weight");
  }

  private static String prefix(int layer) {
    return "layers." + layer + ".attention.";
  }

  /** wq, wk and wv lie together, so that one product makes all three. */
  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    long d = config.dim();
    long kv = (long) config.nKvHeads() * config.headDim();
    return List.of(
        projection(layer, "wq", d, d),
        projection(layer, "wk", kv, d),
        projection(layer, "wv", kv, d),
        new ParameterSpec(
            prefix(layer) + "wo.weight",
            Shape.of(d, d),
            ParameterGroup.MATRIX,
            Initializers.residualBranch(config)));
  }

  private static ParameterSpec projection(int layer, String name, long out, long in) {
    return new ParameterSpec(
        prefix(layer) + name + ".weight",
        Shape.of(out, in),
        ParameterGroup.MATRIX,
        prefix(layer) + "qkv",
        Initializer.normal(Initializers.STANDARD_DEVIATION));
  }

  /** x [B·T, d], result [B·T, d]. */
  Var forward(LayerContext context, Var x) {
    Tape tape = context.tape();
    Var qkv = NeuralFunctions.linear(tape, x, packed);
    AttentionShape shape =
        new AttentionShape(
            context.batch(),
            context.sequence(),
            config.nHeads(),
            config.nKvHeads(),
            config.headDim());
    Var mixed =
        context
            .cache()
            .map(cache -> decode(tape, qkv, shape, cache))
            .orElseGet(() -> NeuralFunctions.attention(tape, qkv, rotary, shape));
    return NeuralFunctions.linear(tape, mixed, output);
  }

  private Var decode(Tape tape, Var qkv, AttentionShape shape, DecodingCache cache) {
    NeuralKernels neural = tape.device().neural();
    int rotated = shape.heads() + shape.keyValueHeads();
    Var out = tape.variable(qkv.dtype(), shape.positions(), shape.outputColumns());
    neural.rotary(qkv.value(), rotary, shape.sequence(), rotated, cache.length(), false);
    neural.attentionDecode(
        qkv.value(), shape, cache.keys(layer), cache.values(layer), cache.length(), out.value());
    tape.record(
        () -> {
          throw new IllegalStateException("no gradient through a key/value cache");
        },
        out);
    return out;
  }
}
