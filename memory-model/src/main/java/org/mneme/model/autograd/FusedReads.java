// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.parameters.Parameter;

/**
 * Differentiable reads that go straight into what uses them, so that the entries read never stand
 * in memory: the results are those of a read and {@link MemoryFunctions#concatWeighted} or {@link
 * MemoryFunctions#weightedSum} after it.
 */
public final class FusedReads {
  private FusedReads() {}

  /**
   * {@link MemoryFunctions#concatWeighted} of entries of token ids, none of which is written by
   * itself: q [N, d], embeddings [V, W], bank [M, K], N·S selections, result [N, d + S·W].
   */
  public static Var concatTokens(
      Tape tape, Var q, Parameter embeddings, Tensor bank, Selection selection) {
    MemoryKernels memory = tape.device().memory();
    Tensor indices = selection.indices();
    Tensor table = embeddings.value();
    Tensor weights = selection.weightsOf(q.rows());
    Var z = concatenated(tape, q, table, weights);
    Tensor order = tape.saved(DType.I32, indices.elementCount());
    memory.concatTokens(q.value(), table, bank, indices, weights, z.value(), order);
    tape.record(
        () ->
            q.accumulate(
                (mode, dq) ->
                    selection.accumulateWeights(
                        q.rows(),
                        dWeights ->
                            memory.concatTokensBackward(
                                z.gradient(),
                                z.value(),
                                bank,
                                indices,
                                weights,
                                order,
                                mode,
                                dq,
                                embeddings.gradientOrNull(),
                                dWeights))),
        z);
    return z;
  }

  /**
   * {@link MemoryFunctions#concatWeighted} of rows of learned values, none of which is written by
   * itself: q [N, d], table [M, W], N·S selections, result [N, d + S·W].
   */
  public static Var concatVectors(Tape tape, Var q, Parameter table, Selection selection) {
    return concatRows(tape, q, table.value(), table, selection);
  }

  /**
   * Like {@link #concatVectors}, of rows into which no gradient flows: table [M, W] F32, whatever
   * the dtype of q.
   */
  public static Var concatFixedVectors(Tape tape, Var q, Tensor table, Selection selection) {
    return concatRows(tape, q, table, null, selection);
  }

  private static Var concatRows(
      Tape tape, Var q, Tensor table, Parameter learned, Selection selection) {
    MemoryKernels memory = tape.device().memory();
    Tensor indices = selection.indices();
    Tensor weights = selection.weightsOf(q.rows());
    Var z = concatenated(tape, q, table, weights);
    memory.concatRows(q.value(), table, indices, weights, z.value());
    tape.record(
        () -> {
          q.accumulate(
              (mode, dq) ->
                  selection.accumulateWeights(
                      q.rows(),
                      dWeights ->
                          memory.concatRowsBackward(
                              z.gradient(),
                              z.value(),
                              indices,
                              weights,
                              mode,
                              dq,
                              learned == null ? null : learned.gradientOrNull(),
                              dWeights)));
          if (learned != null) {
            learned
                .readCounts()
                .ifPresent(counts -> memory.countIndices(selection.counted(), counts));
          }
        },
        z);
    return z;
  }

  private static Var concatenated(Tape tape, Var q, Tensor source, Tensor weights) {
    long reads = weights.shape().columns() * source.shape().columns();
    return tape.variable(q.dtype(), q.rows(), q.columns() + reads);
  }

  /**
   * {@link MemoryFunctions#weightedSum} of rows of learned values, none of which is written by
   * itself: table [M, W], N·S selections, result [N, W].
   */
  public static Var embeddingBag(Tape tape, Parameter table, Selection selection) {
    return embeddingBag(
        tape,
        table.value(),
        selection,
        table.value().dtype(),
        table.gradientOrNull(),
        table.readCountsOrNull());
  }

  /**
   * Like {@link #embeddingBag}, of rows into which no gradient flows: table [M, W] F32, result [N,
   * W] of {@code sumType}, F32 or BF16.
   */
  public static Var fixedEmbeddingBag(Tape tape, Tensor table, Selection selection, DType sumType) {
    return embeddingBag(tape, table, selection, sumType, null, null);
  }

  private static Var embeddingBag(
      Tape tape,
      Tensor table,
      Selection selection,
      DType sumType,
      Tensor dTable,
      Tensor readCounts) {
    MemoryKernels memory = tape.device().memory();
    long positions = selection.indices().shape().extent(0);
    Tensor indices = selection.indices().reshape(positions, selection.slotsPerPosition());
    Tensor weights = selection.weightsOf(positions);
    Var out = tape.variable(sumType, positions, table.shape().columns());
    memory.embeddingBag(table, indices, weights, out.value());
    tape.record(
        () -> {
          selection.accumulateWeights(
              positions,
              dWeights ->
                  memory.embeddingBagBackward(
                      out.gradient(), table, indices, weights, dTable, dWeights));
          if (readCounts != null) {
            memory.countIndices(selection.counted(), readCounts);
          }
        },
        out);
    return out;
  }
}
