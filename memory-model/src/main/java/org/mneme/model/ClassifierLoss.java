// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.model.autograd.Var;
import org.mneme.model.parameters.Parameter;

/**
 * Logits and cross-entropy by pieces of rows, so that the logits of a whole batch never stand in
 * memory, with the gradient made in place while they are there.
 */
final class ClassifierLoss {
  private final Device device;
  private final Parameter embeddings;

  ClassifierLoss(Device device, Parameter embeddings) {
    this.device = device;
    this.embeddings = embeddings;
  }

  /**
   * Writes the scaled losses and, since the loss is where gradients begin, adds at once to the
   * gradients of {@code hidden} and of the embeddings.
   *
   * @param hidden [N, d]
   * @param targets [N] I32, −100 masks
   * @param rowScale [N] F32
   * @param losses [N] F32, overwritten
   */
  void forwardBackward(Var hidden, Tensor targets, Tensor rowScale, Tensor losses) {
    MatrixKernels matrix = device.matrix();
    Tensor e = embeddings.value();
    hidden.accumulate(
        (mode, dHidden) ->
            forEachChunk(
                hidden.value(),
                (from, to, logits) -> {
                  Tensor x = hidden.value().rows(from, to);
                  matrix.linear(x, e, logits);
                  device
                      .neural()
                      .softmaxCrossEntropy(
                          logits,
                          targets.rows(from, to),
                          rowScale.rows(from, to),
                          losses.rows(from, to));
                  matrix.linearInputGradient(logits, e, mode, dHidden.rows(from, to));
                  embeddings.gradient().ifPresent(dE -> matrix.linearWeightGradient(logits, x, dE));
                }));
  }

  /** Writes −log p(target) of every position [N] F32, 0 where masked. */
  void forward(Tensor hidden, Tensor targets, Tensor losses) {
    forEachChunk(
        hidden,
        (from, to, logits) -> {
          device.matrix().linear(hidden.rows(from, to), embeddings.value(), logits);
          device.neural().crossEntropy(logits, targets.rows(from, to), losses.rows(from, to));
        });
  }

  private void forEachChunk(Tensor hidden, ChunkTask task) {
    long rows = hidden.shape().rows();
    long vocabulary = embeddings.value().shape().extent(0);
    long rowBytes = vocabulary * hidden.dtype().byteCount();
    long chunk = Math.min(rows, Math.max(1, device.info().chunkBytes() / rowBytes));
    try (Tensor logits =
        device.allocate(MemoryTag.ACTIVATIONS, hidden.dtype(), chunk, vocabulary)) {
      for (long from = 0; from < rows; from += chunk) {
        long to = Math.min(rows, from + chunk);
        task.run(from, to, logits.rows(0, to - from));
      }
    }
  }

  private interface ChunkTask {
    void run(long from, long to, Tensor logits);
  }
}
