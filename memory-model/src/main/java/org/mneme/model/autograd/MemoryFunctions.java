// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import java.util.function.Consumer;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.model.parameters.Parameter;

/**
 * Differentiable functions of a memory. N positions, Hm query heads, S slots of a head, W width of
 * a read.
 *
 * <p>The gradient of slot weights is kept with respect to their logarithm; see {@link
 * MemoryKernels}.
 */
public final class MemoryFunctions {
  private MemoryFunctions() {}

  /**
   * Selects entries by product keys.
   *
   * @param queries u [N, Hm·D]
   * @param keys [Hm, 2, n, D/2]
   * @param slots S
   * @param balanceFactor factor of the balance loss of one head; 0 for none
   * @param balanceLoss [1] F32 to which the balance loss is added; may be null if the factor is 0
   */
  public static Selection productKeyTopK(
      Tape tape, Var queries, Parameter keys, int slots, float balanceFactor, Tensor balanceLoss) {
    MemoryKernels memory = tape.device().memory();
    long heads = keys.value().shape().extent(0);
    long n = keys.value().shape().extent(2);
    boolean balanced = balanceFactor != 0;
    Tensor indices = tape.saved(DType.I32, queries.rows(), heads, slots);
    Var weights = tape.variable(DType.F32, queries.rows(), heads, slots);
    Tensor logSumExp = balanced ? tape.saved(DType.F32, queries.rows(), heads, 2) : null;
    Tensor share = balanced ? tape.saved(DType.F32, heads, 2, n) : null;
    Tensor mean = balanced ? tape.saved(DType.F32, heads, 2, n) : null;
    memory.productKeyTopK(
        queries.value(), keys.value(), indices, weights.value(), logSumExp, share, mean);
    if (balanced) {
      memory.balanceLoss(share, mean, balanceFactor, balanceLoss);
      weights.accumulate((mode, gradient) -> tape.device().transfer().fill(gradient, 0));
    }
    tape.record(
        () ->
            queries.accumulateWhole(
                dQueries ->
                    memory.productKeyBackward(
                        queries.value(),
                        keys.value(),
                        indices,
                        weights.value(),
                        weights.gradient(),
                        logSumExp,
                        share,
                        balanceFactor,
                        dQueries,
                        keys.gradientOrNull())),
        weights);
    return new Selection(indices, weights);
  }

  /** Reads rows of learned values: table [M, W], indices of R elements, result [R, W]. */
  public static Var readVectors(Tape tape, Parameter table, Tensor indices) {
    return NeuralFunctions.embedding(tape, table, indices);
  }

  /**
   * Reads rows into which no gradient flows: table [M, W] F32, result [R, W] of {@code readType},
   * F32 or BF16.
   */
  public static Var readFixedVectors(Tape tape, Tensor table, Tensor indices, DType readType) {
    Var reads = tape.variable(readType, indices.elementCount(), table.shape().columns());
    tape.device().memory().gatherRows(table, indices, reads.value());
    tape.record(() -> {}, reads);
    return reads;
  }

  /** Reads entries of token ids through the embeddings [V, d]: bank [M, K], result [R, d]. */
  public static Var readTokens(Tape tape, Parameter embeddings, Tensor bank, Tensor indices) {
    MemoryKernels memory = tape.device().memory();
    Tensor table = embeddings.value();
    Var reads = tape.variable(table.dtype(), indices.elementCount(), table.shape().columns());
    memory.decodeTokenMemory(table, bank, indices, reads.value());
    tape.record(
        () ->
            embeddings
                .gradient()
                .ifPresent(
                    dE -> memory.decodeTokenMemoryBackward(reads.gradient(), bank, indices, dE)),
        reads);
    return reads;
  }

  /** z = [q ; w₁m₁ ; … ; w_S m_S]: q [N, d], reads [N·S, W], weights [N, S], z [N, d + S·W]. */
  public static Var concatWeighted(Tape tape, Var q, Var reads, Var weights) {
    MemoryKernels memory = tape.device().memory();
    Slots slots = Slots.of(q.rows(), reads, weights);
    Var z = tape.variable(q.dtype(), q.rows(), q.columns() + slots.count() * reads.columns());
    memory.concatWeighted(
        q.value(), slots.ofReads(reads.value()), slots.ofWeights(weights.value()), z.value());
    tape.record(
        () ->
            q.accumulate(
                (mode, dq) ->
                    reads.accumulateWhole(
                        dReads ->
                            weights.accumulateWhole(
                                dWeights ->
                                    memory.concatWeightedBackward(
                                        z.gradient(),
                                        z.value(),
                                        slots.ofWeights(weights.value()),
                                        mode,
                                        dq,
                                        slots.ofReads(dReads),
                                        slots.ofWeights(dWeights))))),
        z);
    return z;
  }

  /**
   * {@link #concatWeighted} of entries of token ids, none of which is written by itself: q [N, d],
   * embeddings [V, W], bank [M, K], N·S selections, result [N, d + S·W].
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
   * {@link #concatWeighted} of rows of learned values, none of which is written by itself: q [N,
   * d], table [M, W], N·S selections, result [N, d + S·W].
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
            learned.readCounts().ifPresent(counts -> memory.countIndices(indices, counts));
          }
        },
        z);
    return z;
  }

  private static Var concatenated(Tape tape, Var q, Tensor source, Tensor weights) {
    long reads = weights.shape().columns() * source.shape().columns();
    return tape.variable(q.dtype(), q.rows(), q.columns() + reads);
  }

  /** Σ_j w_j·m_j by position: reads [N·S, W], weights [N, S], result [N, W]. */
  public static Var weightedSum(Tape tape, Var reads, Var weights) {
    MemoryKernels memory = tape.device().memory();
    Slots slots = Slots.of(weights.value().shape().extent(0), reads, weights);
    Var out = tape.variable(reads.dtype(), slots.positions(), reads.columns());
    memory.weightedSum(slots.ofReads(reads.value()), slots.ofWeights(weights.value()), out.value());
    tape.record(
        () ->
            reads.accumulateWhole(
                dReads ->
                    weights.accumulateWhole(
                        dWeights ->
                            memory.weightedSumBackward(
                                out.gradient(),
                                slots.ofReads(reads.value()),
                                slots.ofWeights(weights.value()),
                                slots.ofReads(dReads),
                                slots.ofWeights(dWeights)))),
        out);
    return out;
  }

  /**
   * {@link #weightedSum} of rows of learned values, none of which is written by itself: table [M,
   * W], N·S selections, result [N, W].
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
            memory.countIndices(indices, readCounts);
          }
        },
        out);
    return out;
  }

  /**
   * Attention of each head over the entries of its position: queries [N, H·W], reads [N·S, W],
   * weights [N, S], result [N, H·W].
   */
  public static Var entryAttention(
      Tape tape, Var queries, Var reads, Var weights, float scale, int heads) {
    MemoryKernels memory = tape.device().memory();
    Slots slots = Slots.of(queries.rows(), reads, weights);
    long width = reads.columns();
    Var out = tape.variable(queries.dtype(), queries.rows(), queries.columns());
    Tensor probabilities = tape.saved(DType.F32, queries.rows(), heads, slots.count());
    Tensor headed = queries.value().reshape(queries.rows(), heads, width);
    memory.entryAttention(
        headed,
        slots.ofReads(reads.value()),
        slots.ofWeights(weights.value()),
        scale,
        out.value().reshape(queries.rows(), heads, width),
        probabilities);
    tape.record(
        () ->
            queries.accumulateWhole(
                dQueries ->
                    reads.accumulateWhole(
                        dReads ->
                            weights.accumulateWhole(
                                dWeights ->
                                    memory.entryAttentionBackward(
                                        out.gradient().reshape(queries.rows(), heads, width),
                                        headed,
                                        slots.ofReads(reads.value()),
                                        slots.ofWeights(weights.value()),
                                        scale,
                                        probabilities,
                                        dQueries.reshape(queries.rows(), heads, width),
                                        slots.ofReads(dReads),
                                        slots.ofWeights(dWeights))))),
        out);
    return out;
  }

  /**
   * Projects each head with its own rows of a weight: y_h = x_h·w_h, w [H·in, out], x [N, H·in], y
   * [N, H·out]. With w = W_K this absorbs the projection of keys into the queries: ⟨q, W_K m⟩ =
   * ⟨W_Kᵀq, m⟩.
   */
  public static Var headsTimes(Tape tape, Var x, Parameter w, int heads) {
    int in = Math.toIntExact(x.columns() / heads);
    int out = Math.toIntExact(w.value().shape().columns());
    return perHead(tape, x, w, heads, in, out, false);
  }

  /**
   * Projects each head with its own rows of a weight: y_h = x_h·w_hᵀ, w [H·out, in], x [N, H·in], y
   * [N, H·out]. With w = W_V this projects the mixed entries of each head: Σ_j p_j·W_V m_j = W_V
   * Σ_j p_j·m_j.
   */
  public static Var headsTimesTransposed(Tape tape, Var x, Parameter w, int heads) {
    int in = Math.toIntExact(w.value().shape().columns());
    int out = Math.toIntExact(w.value().shape().rows() / heads);
    return perHead(tape, x, w, heads, in, out, true);
  }

  private static Var perHead(
      Tape tape, Var x, Parameter w, int heads, int in, int out, boolean transposed) {
    MatrixKernels matrix = tape.device().matrix();
    int n = Math.toIntExact(x.rows());
    long wColumns = w.value().shape().columns();
    BatchedGemm.Layout xs = new BatchedGemm.Layout((long) heads * in, in, false);
    BatchedGemm.Layout ys = new BatchedGemm.Layout((long) heads * out, out, false);
    BatchedGemm.Layout ws = new BatchedGemm.Layout(wColumns, (long) in * out, transposed);
    Var y = tape.variable(x.dtype(), n, (long) heads * out);
    matrix.batchedGemm(
        new BatchedGemm(heads, n, out, in, xs, ws, ys), 1f, x.value(), w.value(), 0f, y.value());
    tape.record(
        () -> {
          x.accumulate(
              (mode, dx) ->
                  matrix.batchedGemm(
                      new BatchedGemm(heads, n, in, out, ys, flipped(ws), xs),
                      1f,
                      y.gradient(),
                      w.value(),
                      mode.beta(),
                      dx));
          w.gradient()
              .ifPresent(
                  dw ->
                      matrix.batchedGemm(
                          transposed
                              ? new BatchedGemm(heads, out, in, n, flipped(ys), xs, plain(ws))
                              : new BatchedGemm(heads, in, out, n, flipped(xs), ys, plain(ws)),
                          1f,
                          transposed ? y.gradient() : x.value(),
                          transposed ? x.value() : y.gradient(),
                          1f,
                          dw));
        },
        y);
    return y;
  }

  private static BatchedGemm.Layout flipped(BatchedGemm.Layout layout) {
    return new BatchedGemm.Layout(layout.ld(), layout.stride(), !layout.transposed());
  }

  private static BatchedGemm.Layout plain(BatchedGemm.Layout layout) {
    return new BatchedGemm.Layout(layout.ld(), layout.stride(), false);
  }

  /**
   * Which entries were selected, and their weights.
   *
   * @param indices [N, Hm, S] I32
   * @param weights [N, Hm, S] F32; the gradient is with respect to their logarithm
   */
  public record Selection(Tensor indices, Var weights) {
    /** Hm·S. */
    public long slotsPerPosition() {
      return indices.elementCount() / indices.shape().extent(0);
    }

    /** The weights of all heads of a position in one row [positions, Hm·S]. */
    private Tensor weightsOf(long positions) {
      return weights.value().reshape(positions, slotsPerPosition());
    }

    /** Adds to the gradient of the weights, seen likewise. */
    private void accumulateWeights(long positions, Consumer<Tensor> writer) {
      weights.accumulateWhole(
          gradient -> writer.accept(gradient.reshape(positions, slotsPerPosition())));
    }
  }

  private record Slots(long positions, long count, long width) {
    static Slots of(long positions, Var reads, Var weights) {
      long count = weights.value().elementCount() / positions;
      return new Slots(positions, count, reads.columns());
    }

    Tensor ofReads(Tensor reads) {
      return reads.reshape(positions, count, width);
    }

    Tensor ofWeights(Tensor weights) {
      return weights.reshape(positions, count);
    }
  }
}
