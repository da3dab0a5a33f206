// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import org.mneme.compute.Tensor;
import org.mneme.model.layers.SelectionObserver;

/**
 * Sets all that is read from a memory to zero: what a model then cannot do any more is what its
 * memory contributes.
 */
public final class SilencedReads implements SelectionObserver {
  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {}

  @Override
  public boolean observesReads() {
    return true;
  }

  @Override
  public void read(int layer, Tensor reads) {
    reads.device().transfer().fill(reads, 0);
  }
}
