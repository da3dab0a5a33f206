// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/** The loss of every token of a batch, for evaluation: no noise, no state. */
public final class TokenLosses {
  private final LanguageModel model;
  private final SelectionObserver observer;

  /** Evaluates a model. */
  public TokenLosses(LanguageModel model) {
    this(model, SelectionObserver.NONE);
  }

  /** Evaluates a model and tells what its memory layers select. */
  public TokenLosses(LanguageModel model, SelectionObserver observer) {
    this.model = model;
    this.observer = observer;
  }

  /**
   * −log p(target) of every position in nats, 0 where masked.
   *
   * @param ids token ids [B, T]
   * @param targets next ids [B, T]; −100 masks
   * @param batch B
   * @param sequence T
   * @throws IllegalArgumentException if a length or an id is out of range
   */
  public float[] of(int[] ids, int[] targets, int batch, int sequence) {
    TokenBatches.check("ids", ids, batch, sequence, model.config().vocabSize(), false);
    TokenBatches.check("targets", targets, batch, sequence, model.config().vocabSize(), true);
    Device device = model.device();
    try (Tensor deviceIds = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, batch, sequence);
        Tensor deviceTargets =
            device.allocate(MemoryTag.ACTIVATIONS, DType.I32, (long) batch * sequence);
        Tensor losses = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, (long) batch * sequence);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(ids, deviceIds);
      device.transfer().writeInts(targets, deviceTargets);
      Var hidden =
          model.hidden(LayerContext.evaluation(tape, batch, sequence, observer), deviceIds);
      new ClassifierLoss(device, model.embeddings()).forward(hidden.value(), deviceTargets, losses);
      return device.transfer().readFloats(losses);
    }
  }
}
