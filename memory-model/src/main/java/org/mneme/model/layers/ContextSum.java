// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.model.autograd.ContextFunctions;
import org.mneme.model.autograd.ContextFunctions.ContextLookup;
import org.mneme.model.autograd.ContextFunctions.PlaceWeights;
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
 * The sum of the tokens that followed the contexts of a position elsewhere: r = Σ_s Σ_k
 * w_sk·Ê[t_sk], Ê the embeddings scaled to RMS 1, w_sk = σ(⟨p_sk, x⟩ + b_sk(v_s)) where entry s
 * belongs to the context and has v_s votes, and 0 where it does not.
 */
final class ContextSum implements MemorySum {
  /** Weights are small until they are found to be of use: σ(−2) = 0.12. */
  private static final double FIRST_BIAS = -2;

  private final int layer;
  private final Parameter places;
  private final Parameter votes;

  ContextSum(int layer, ModelConfig config, ParameterArena arena) {
    this.layer = layer;
    this.places = arena.parameter(name(layer, "places.weight"));
    this.votes = arena.parameter(name(layer, "votes.bias"));
  }

  private static String name(int layer, String part) {
    return "layers." + layer + ".memory." + part;
  }

  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    long columns = (long) config.numSelected() * config.knowledgeLength();
    return List.of(
        new ParameterSpec(
            name(layer, "places.weight"),
            Shape.of(columns, config.dim()),
            ParameterGroup.MATRIX,
            Initializer.normal(Initializers.STANDARD_DEVIATION)),
        new ParameterSpec(
            name(layer, "votes.bias"),
            Shape.of(columns, config.contextVotes()),
            ParameterGroup.NORM,
            Initializer.constant(FIRST_BIAS)));
  }

  @Override
  public Var forward(LayerContext context, Var x) {
    Tape tape = context.tape();
    ContextLookup lookup = context.lookup().orElseThrow();
    Var logits = NeuralFunctions.linear(tape, x, places);
    PlaceWeights weights = ContextFunctions.placeWeights(tape, lookup, logits, votes);
    long positions = lookup.indices().shape().rows();
    long slots = lookup.indices().shape().columns();
    context
        .observer()
        .selected(
            layer,
            lookup.counted().reshape(positions, 1, slots),
            weights.bySlot().reshape(positions, 1, slots),
            x.value(),
            x.value());
    Var sum = ContextFunctions.sum(tape, lookup, weights.byToken(), x.dtype());
    if (context.observer().observesReads()) {
      context.observer().read(layer, sum.value());
    }
    return sum;
  }
}
