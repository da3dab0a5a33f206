// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;

/** Reads memory entries. */
@FunctionalInterface
interface MemoryReader {
  /** The entries of R selections (of any shape) as rows [R, width]. */
  Var read(Tape tape, Selection selection);

  /** Σ_j w_j·m_j by position [N, width]. Stores of vectors sum them where they lie. */
  default Var weightedSum(Tape tape, Selection selection) {
    Var reads = read(tape, selection);
    return MemoryFunctions.weightedSum(tape, reads, selection.weights());
  }

  /**
   * z = [q ; w₁m₁ ; … ; w_S m_S]: q [N, d], z [N, d + S·width]. Stores that can read straight into
   * z do so.
   */
  default Var concat(Tape tape, Var q, Selection selection) {
    Var reads = read(tape, selection);
    return MemoryFunctions.concatWeighted(tape, q, reads, selection.weights());
  }
}
