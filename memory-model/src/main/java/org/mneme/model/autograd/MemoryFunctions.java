// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import java.util.function.Consumer;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
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
   * @param valid 0 for positions that are no reads, such as padding [N] I32; null: all are
   * @param slots S
   * @param balanceFactor factor of the balance loss of one head; 0 for none
   * @param balanceLoss [1] F32 to which the balance loss is added; may be null if the factor is 0
   */
  public static Selection productKeyTopK(
      Tape tape,
      Var queries,
      Parameter keys,
      Tensor valid,
      int slots,
      float balanceFactor,
      Tensor balanceLoss) {
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
        queries.value(), keys.value(), valid, indices, weights.value(), logSumExp, share, mean);
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
                        valid,
                        indices,
                        weights.value(),
                        weights.gradient(),
                        logSumExp,
                        share,
                        balanceFactor,
                        dQueries,
                        keys.gradientOrNull())),
        weights);
    return new Selection(indices, weights, masked(tape, indices, valid));
  }

  private static Tensor masked(Tape tape, Tensor indices, Tensor valid) {
    if (valid == null) {
      return indices;
    }
    Tensor counted = tape.saved(DType.I32, indices.shape().toArray());
    tape.device().memory().maskSelections(indices, valid, counted);
    return counted;
  }

  /** Reads rows of learned values: table [M, W], selections of R entries, result [R, W]. */
  public static Var readVectors(Tape tape, Parameter table, Selection selection) {
    return NeuralFunctions.embedding(tape, table, selection.indices(), selection.counted());
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
   * Which entries were selected, and their weights.
   *
   * @param indices [N, Hm, S] I32, of all positions
   * @param weights [N, Hm, S] F32; the gradient is with respect to their logarithm
   * @param counted the indices of selections that are reads, −1 for those that count in no
   *     statistic and move nothing, such as those of padding [N, Hm, S] I32
   */
  public record Selection(Tensor indices, Var weights, Tensor counted) {
    /** Hm·S. */
    public long slotsPerPosition() {
      return indices.elementCount() / indices.shape().extent(0);
    }

    /** The weights of all heads of a position in one row [positions, Hm·S]. */
    Tensor weightsOf(long positions) {
      return weights.value().reshape(positions, slotsPerPosition());
    }

    /** Adds to the gradient of the weights, seen likewise. */
    void accumulateWeights(long positions, Consumer<Tensor> writer) {
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
