// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.compute.Tensor;
import org.mneme.model.autograd.FusedReads;
import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.parameters.Parameter;

/** How each kind of store is read. */
final class MemoryReaders {
  private MemoryReaders() {}

  /** Learned values [M, width]. */
  record Vectors(Parameter table) implements MemoryReader {
    @Override
    public Var read(Tape tape, Selection selection) {
      return MemoryFunctions.readVectors(tape, table, selection);
    }

    @Override
    public Var weightedSum(Tape tape, Selection selection) {
      return FusedReads.embeddingBag(tape, table, selection);
    }

    @Override
    public Var concat(Tape tape, Var q, Selection selection) {
      return FusedReads.concatVectors(tape, q, table, selection);
    }
  }

  /** Vectors that no gradient moves [M, width], read as what the embeddings are. */
  record FixedVectors(Tensor table, Parameter embeddings) implements MemoryReader {
    @Override
    public Var read(Tape tape, Selection selection) {
      return MemoryFunctions.readFixedVectors(
          tape, table, selection.indices(), embeddings.value().dtype());
    }

    @Override
    public Var weightedSum(Tape tape, Selection selection) {
      return FusedReads.fixedEmbeddingBag(tape, table, selection, embeddings.value().dtype());
    }

    @Override
    public Var concat(Tape tape, Var q, Selection selection) {
      return FusedReads.concatFixedVectors(tape, q, table, selection);
    }
  }

  /** Token ids [M, K], read through the embeddings. */
  record Tokens(Tensor bank, Parameter embeddings) implements MemoryReader {
    @Override
    public Var read(Tape tape, Selection selection) {
      return MemoryFunctions.readTokens(tape, embeddings, bank, selection.indices());
    }

    @Override
    public Var concat(Tape tape, Var q, Selection selection) {
      return FusedReads.concatTokens(tape, q, embeddings, bank, selection);
    }
  }
}
