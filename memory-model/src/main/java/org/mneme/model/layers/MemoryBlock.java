// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.NeuralFunctions.Residual;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterSpec;

/**
 * A block whose feed-forward layer is a memory: a = Attn(RMSNorm(x)); q = RMSNorm(a), the attention
 * output and not the stream; out = x + a + Fuse(q, Read(Gate(q))).
 */
final class MemoryBlock implements Block {
  private final int layer;
  private final float eps;
  private final Parameter attentionNorm;
  private final AttentionLayer attention;
  private final Parameter memoryNorm;
  private final ProductKeyGate gate;
  private final MemoryReader reader;
  private final Fusion fusion;

  MemoryBlock(
      int layer,
      ModelConfig config,
      ParameterArena arena,
      AttentionLayer attention,
      ProductKeyGate gate,
      MemoryReader reader,
      Fusion fusion) {
    this.layer = layer;
    this.eps = (float) config.normEps();
    this.attentionNorm = arena.parameter(Norms.name(layer, "attention_norm"));
    this.attention = attention;
    this.memoryNorm = arena.parameter(Norms.name(layer, "memory_norm"));
    this.gate = gate;
    this.reader = reader;
    this.fusion = fusion;
  }

  static List<ParameterSpec> parameters(int layer, ModelConfig config, FusionFactory fusion) {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(Norms.parameter(Norms.name(layer, "attention_norm"), config));
    specs.addAll(AttentionLayer.parameters(layer, config));
    specs.add(Norms.parameter(Norms.name(layer, "memory_norm"), config));
    specs.addAll(ProductKeyGate.parameters(layer, config));
    specs.addAll(fusion.parameters(layer, config));
    return specs;
  }

  @Override
  public Stream forward(LayerContext context, Stream stream) {
    Tape tape = context.tape();
    Residual x = stream.normed(tape, attentionNorm, eps);
    Var mixed = attention.forward(context, x.normed());
    Var q = NeuralFunctions.rmsNorm(tape, mixed, memoryNorm, eps);
    Selection selection = gate.forward(context, q);
    Var fused = fuse(context, q, selection);
    Var branch = NeuralFunctions.add(tape, mixed, fused);
    fused.discardValue();
    return new Stream(x.sum(), branch);
  }

  /** In training, reads that nobody observes are not written to memory if the fusion allows it. */
  private Var fuse(LayerContext context, Var q, Selection selection) {
    Tape tape = context.tape();
    boolean observed = context.observer().observesReads();
    if (fusion instanceof ConcatFusion concat && tape.isRecording() && !observed) {
      return concat.fuse(tape, reader.concat(tape, q, selection));
    }
    Var reads = reader.read(tape, selection);
    if (observed) {
      context.observer().read(layer, reads.value());
    }
    return fusion.fuse(tape, q, reads, selection.weights());
  }
}
