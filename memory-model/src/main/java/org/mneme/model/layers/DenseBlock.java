// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import org.mneme.model.autograd.NeuralFunctions.Residual;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterSpec;

/** h = x + Attn(RMSNorm(x)); out = h + FFN(RMSNorm(h)). */
final class DenseBlock implements Block {
  private final float eps;
  private final Parameter attentionNorm;
  private final AttentionLayer attention;
  private final Parameter feedForwardNorm;
  private final FeedForwardLayer feedForward;

  DenseBlock(int layer, ModelConfig config, ParameterArena arena, AttentionLayer attention) {
    this.eps = (float) config.normEps();
    this.attentionNorm = arena.parameter(Norms.name(layer, "attention_norm"));
    this.attention = attention;
    this.feedForwardNorm = arena.parameter(Norms.name(layer, "ffn_norm"));
    this.feedForward = new FeedForwardLayer(layer, arena);
  }

  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(Norms.parameter(Norms.name(layer, "attention_norm"), config));
    specs.addAll(AttentionLayer.parameters(layer, config));
    specs.add(Norms.parameter(Norms.name(layer, "ffn_norm"), config));
    specs.addAll(FeedForwardLayer.parameters(layer, config));
    return specs;
  }

  @Override
  public Stream forward(LayerContext context, Stream stream) {
    Tape tape = context.tape();
    Residual x = stream.normed(tape, attentionNorm, eps);
    Var mixed = attention.forward(context, x.normed());
    Residual h = new Stream(x.sum(), mixed).normed(tape, feedForwardNorm, eps);
    return new Stream(h.sum(), feedForward.forward(tape, h.normed()));
  }
}
