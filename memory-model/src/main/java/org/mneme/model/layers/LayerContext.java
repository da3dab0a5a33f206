// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.Optional;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.ContextFunctions.ContextLookup;
import org.mneme.model.autograd.Tape;

/**
 * What all layers of one forward pass share.
 *
 * @param tape records the pass
 * @param batch B
 * @param sequence T
 * @param training whether batch statistics are used and kept
 * @param balanceLoss [1] F32 to which balance losses are added; empty if none is wanted
 * @param balanceScale factor of all balance losses, such as 1 / accumulation steps
 * @param observer told what each memory layer selects
 * @param cache what is kept of earlier positions, in incremental decoding
 * @param sources where in a training's text each position is [B·T] I32, so that memories that read
 *     pass over what they have from there; see {@code ContextMemory}
 * @param valid 0 for positions that hold no text, such as padding [B·T] I32: they count in no
 *     statistic of a memory, move no entry and take part in no balance loss; empty: all hold text
 * @param lookup what stands in memory for the contexts of each position, where entries are
 *     addressed by text; the trunk adds it
 */
public record LayerContext(
    Tape tape,
    int batch,
    int sequence,
    boolean training,
    Optional<Tensor> balanceLoss,
    float balanceScale,
    SelectionObserver observer,
    Optional<DecodingCache> cache,
    Optional<Tensor> sources,
    Optional<Tensor> valid,
    Optional<ContextLookup> lookup) {
  /** A pass as its caller describes it. */
  public LayerContext(
      Tape tape,
      int batch,
      int sequence,
      boolean training,
      Optional<Tensor> balanceLoss,
      float balanceScale,
      SelectionObserver observer,
      Optional<DecodingCache> cache) {
    this(
        tape,
        batch,
        sequence,
        training,
        balanceLoss,
        balanceScale,
        observer,
        cache,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same pass over text of which it is known where it stands, or not. */
  public LayerContext at(Optional<Tensor> textSources) {
    return with(textSources, valid, lookup);
  }

  /** The same pass over text of which it is known which positions hold any, or not. */
  public LayerContext masked(Optional<Tensor> validPositions) {
    return with(sources, validPositions, lookup);
  }

  /** The same pass with what stands in memory for its contexts. */
  LayerContext with(ContextLookup found) {
    return with(sources, valid, Optional.of(found));
  }

  private LayerContext with(
      Optional<Tensor> textSources,
      Optional<Tensor> validPositions,
      Optional<ContextLookup> found) {
    return new LayerContext(
        tape,
        batch,
        sequence,
        training,
        balanceLoss,
        balanceScale,
        observer,
        cache,
        textSources,
        validPositions,
        found);
  }

  /** A pass of evaluation: no batch statistics, no balance loss. */
  public static LayerContext evaluation(
      Tape tape, int batch, int sequence, SelectionObserver observer) {
    return new LayerContext(
        tape, batch, sequence, false, Optional.empty(), 0f, observer, Optional.empty());
  }
}
