// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.compute.Tensor;

/** Is told what memory layers select, while they run. */
@FunctionalInterface
public interface SelectionObserver {
  /** Observes nothing. */
  SelectionObserver NONE = (layer, indices, weights, query, feature) -> {};

  /**
   * A memory layer has selected. The tensors live until this method returns.
   *
   * @param layer number of the block
   * @param indices [N, Hm, S] I32; −1 for a selection that is no read: one of padding, or a context
   *     that the memory has no entry for
   * @param weights [N, Hm, S] F32
   * @param query q, the input of the memory layer [N, d]
   * @param keyQuery u, what was compared with the keys [N, Hm·D]
   */
  void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery);

  /**
   * Whether {@link #read} is to be called. Where it is not, layers may mix entries in without ever
   * holding what they read.
   */
  default boolean observesReads() {
    return false;
  }

  /**
   * A memory layer has read what it selected. In evaluation the reads may be changed in place, to
   * see what the model does without them, or with others. Called only if {@link #observesReads}.
   *
   * @param layer number of the block
   * @param reads what is about to be mixed in, an entry for each selection [N·Hm·S, width]
   */
  default void read(int layer, Tensor reads) {}
}
