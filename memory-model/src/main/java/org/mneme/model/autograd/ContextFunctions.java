// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import java.util.Optional;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.memory.context.ContextMemory;
import org.mneme.model.parameters.Parameter;

/**
 * Differentiable functions of a memory that is addressed by text. N positions, S contexts of each,
 * K tokens of an entry, V vocabulary, d model width.
 */
public final class ContextFunctions {
  private ContextFunctions() {}

  /**
   * What stands in memory for the contexts of a pass.
   *
   * @param indices entries [N, S] I32
   * @param tokens of the entries [N, S·K] I32
   * @param kinds votes of the entries that belong to the context, 0 for others [N, S] I32
   * @param counted the entries that are read: those that belong to the context, −1 for a miss [N,
   *     S] I32
   * @param table the embeddings scaled to RMS 1 by row [V, d] F32
   */
  public record ContextLookup(
      Tensor indices, Tensor tokens, Tensor kinds, Tensor counted, Var table) {}

  /**
   * Text whose contexts are looked up.
   *
   * @param tokens [B, T] I32
   * @param positions N: how many positions, counted from the end of {@code tokens}, are looked up
   * @param sources where in a training's text these positions are, see {@link ContextMemory#lookUp}
   *     [N] I32; empty if that is not known
   */
  public record ContextText(Tensor tokens, long positions, Optional<Tensor> sources) {}

  /**
   * Weights of the tokens read.
   *
   * @param byToken [N, S·K] F32; its gradient is with respect to the logarithm
   * @param bySlot the sums over the tokens of an entry [N, S] F32
   */
  public record PlaceWeights(Var byToken, Tensor bySlot) {}

  /**
   * Looks the contexts of text up.
   *
   * @param table as {@link #table} computes it
   * @param places K
   */
  public static ContextLookup lookUp(
      Tape tape, ContextMemory memory, ContextText text, Var table, int places) {
    long slots = memory.slots();
    long positions = text.positions;
    long all = text.tokens.elementCount();
    Tensor entries = tape.saved(DType.I32, all, slots);
    Tensor tags = tape.saved(DType.I32, all, slots);
    memory.addresses(text.tokens, entries, tags);
    Tensor indices = entries.rows(all - positions, all);
    Tensor tokens = tape.saved(DType.I32, positions, slots * places);
    Tensor kinds = tape.saved(DType.I32, positions, slots);
    Tensor sources = text.sources.orElse(null);
    memory.lookUp(indices, tags.rows(all - positions, all), sources, tokens, kinds);
    Tensor counted = tape.saved(DType.I32, positions, slots);
    tape.device().memory().maskSelections(indices, kinds, counted);
    return new ContextLookup(indices, tokens, kinds, counted, table);
  }

  /**
   * Embeddings E scaled to RMS 1 by row [V, d], in F32 whatever the model computes with.
   *
   * @param eps added to the mean squares of the embeddings
   */
  public static Var table(Tape tape, Parameter embeddings, float eps) {
    Tensor e = embeddings.master();
    Var table = tape.variable(DType.F32, e.shape());
    Tensor rstd = tape.saved(DType.F32, e.shape().rows());
    tape.device().neural().rmsNorm(e, null, eps, table.value(), rstd);
    tape.record(
        () ->
            embeddings
                .gradient()
                .ifPresent(
                    dE ->
                        tape.device()
                            .neural()
                            .rmsNormBackward(
                                table.gradient(), e, null, rstd, Accumulation.ADD, dE, null)),
        table);
    return table;
  }

  /** w = σ(logits + bias of the votes): logits [N, S·K], bias [S·K, C]. */
  public static PlaceWeights placeWeights(
      Tape tape, ContextLookup lookup, Var logits, Parameter bias) {
    ContextKernels context = tape.device().context();
    Var weights = tape.variable(DType.F32, logits.rows(), logits.columns());
    Tensor bySlot = tape.saved(DType.F32, logits.rows(), lookup.kinds().shape().columns());
    context.placeWeights(logits.value(), lookup.kinds(), bias.master(), weights.value(), bySlot);
    tape.record(
        () ->
            logits.accumulateWhole(
                dLogits ->
                    context.placeWeightsBackward(
                        weights.gradient(),
                        lookup.kinds(),
                        weights.value(),
                        dLogits,
                        bias.gradientOrNull())),
        weights);
    return new PlaceWeights(weights, bySlot);
  }

  /** Σ_j w_j·table[tokens_j] by position [N, d] of {@code sumType}: weights [N, S·K]. */
  public static Var sum(Tape tape, ContextLookup lookup, Var weights, DType sumType) {
    Var table = lookup.table();
    Var out = tape.variable(sumType, weights.rows(), table.columns());
    tape.device()
        .memory()
        .embeddingBag(table.value(), lookup.tokens(), weights.value(), out.value());
    tape.record(
        () ->
            weights.accumulateWhole(
                dWeights ->
                    table.accumulate(
                        (mode, dTable) -> {
                          if (mode == Accumulation.REPLACE) {
                            tape.device().transfer().fill(dTable, 0);
                          }
                          tape.device()
                              .memory()
                              .embeddingBagBackward(
                                  out.gradient(),
                                  table.value(),
                                  lookup.tokens(),
                                  weights.value(),
                                  dTable,
                                  dWeights);
                        })),
        out);
    return out;
  }
}
