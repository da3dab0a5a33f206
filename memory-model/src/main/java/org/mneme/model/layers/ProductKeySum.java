// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;

/** The sum over all heads of the entries that product keys select. */
record ProductKeySum(int layer, ProductKeyGate gate, MemoryReader reader) implements MemorySum {
  /** Reads that nobody observes need not be written to memory. */
  @Override
  public Var forward(LayerContext context, Var x) {
    Tape tape = context.tape();
    Selection selection = gate.forward(context, x);
    if (!context.observer().observesReads()) {
      return reader.weightedSum(tape, selection);
    }
    Var reads = reader.read(tape, selection);
    context.observer().read(layer, reads.value());
    return MemoryFunctions.weightedSum(tape, reads, selection.weights());
  }
}
