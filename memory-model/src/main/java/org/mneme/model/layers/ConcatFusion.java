// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;

/** A fusion of the concatenation z = [q ; w₁m₁ ; … ; w_S m_S], which needs no reads beside it. */
interface ConcatFusion extends Fusion {
  /** The block's branch [N, d] of z [N, d + S·width]. */
  Var fuse(Tape tape, Var z);

  @Override
  default Var fuse(Tape tape, Var q, Var reads, Var weights) {
    return fuse(tape, MemoryFunctions.concatWeighted(tape, q, reads, weights));
  }
}
