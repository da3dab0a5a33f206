// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;

/** Mixes what was read into the stream, in place of a feed-forward layer. */
public interface Fusion {
  /**
   * The block's branch.
   *
   * @param q input of the memory layer [N, d]
   * @param reads entries [N·S, width], those of one position together
   * @param weights of the entries [N, Hm, S] (S·Hm slots are treated alike)
   * @return a new value [N, d], whose storage is given back when it has been added to the stream
   */
  Var fuse(Tape tape, Var q, Var reads, Var weights);
}
