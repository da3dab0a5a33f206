// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Objects;
import org.mneme.compute.Tensor;

/**
 * What one micro-batch selected, all memory layers stacked. The tensors stay the caller's.
 *
 * @param features [L·B·T, W], floating: gate queries u for vectors, layer queries q for tokens;
 *     null for {@link EmaRule#EPISODIC}
 * @param indices selected entries [L·B·T, S] I32, −1 for selections that move nothing, such as
 *     those of padding
 * @param valid 0 for positions whose features no entry follows, such as padding [B·T] I32; null:
 *     all have features that count
 * @param inputIds [B, T] I32; needed by {@link EmaRule#EPISODIC} alone, else it may be null
 * @param batch B
 * @param sequence T
 * @param slots S, the selections of each position of each layer (over all heads)
 * @param updateNumber of this update, counted from 1 over the whole run, also after a resume
 * @param measured whether to compare all touched entries before and after, which reads them to the
 *     host
 */
public record EmaBatch(
    Tensor features,
    Tensor indices,
    Tensor valid,
    Tensor inputIds,
    int batch,
    int sequence,
    int slots,
    long updateNumber,
    boolean measured) {
  /** A batch all of whose positions count. */
  public EmaBatch(
      Tensor features,
      Tensor indices,
      Tensor inputIds,
      int batch,
      int sequence,
      int slots,
      long updateNumber,
      boolean measured) {
    this(features, indices, null, inputIds, batch, sequence, slots, updateNumber, measured);
  }

  /** Checks that the extents agree. */
  public EmaBatch {
    Objects.requireNonNull(indices, "indices");
    if (batch < 1 || sequence < 1 || slots < 1 || updateNumber < 1) {
      throw new IllegalArgumentException(
          "batch, sequence, slots, updateNumber: found "
              + batch
              + ", "
              + sequence
              + ", "
              + slots
              + ", "
              + updateNumber
              + ", wanted >= 1");
    }
    long perLayer = (long) batch * sequence * slots;
    if (indices.elementCount() == 0 || indices.elementCount() % perLayer != 0) {
      throw new IllegalArgumentException(
          "indices: found "
              + indices.shape()
              + ", wanted a multiple of batch·sequence·slots = "
              + perLayer
              + " elements");
    }
    if (features != null && features.shape().rows() * slots != indices.elementCount()) {
      throw new IllegalArgumentException(
          "features: found "
              + features.shape()
              + ", wanted "
              + indices.elementCount() / slots
              + " rows");
    }
    if (valid != null && valid.elementCount() != (long) batch * sequence) {
      throw new IllegalArgumentException(
          "valid: expected [" + batch * sequence + "], got " + valid.shape());
    }
    if (inputIds != null && inputIds.elementCount() != (long) batch * sequence) {
      throw new IllegalArgumentException(
          "inputIds: found " + inputIds.shape() + ", wanted [" + batch + ", " + sequence + "]");
    }
  }
}
