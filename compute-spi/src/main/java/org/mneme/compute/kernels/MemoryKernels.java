// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/**
 * Selecting, reading and moving memory entries.
 *
 * <p>The gradient that flows from a read to the gate is that with respect to the <em>logarithm</em>
 * of a slot's weight, w·∂L/∂w: it is what the softmax over the slots needs, it can be had without
 * reading the entries again, and it is finite where a weight underflows.
 */
public interface MemoryKernels {
  /**
   * out[r] = table[indices[r]].
   *
   * @param table [M, W], any dtype
   * @param indices [R] I32, each in 0 … M−1 (any shape of R elements)
   * @param out [R, W], same dtype; of an F32 table also BF16 (rounded to even)
   */
  void gatherRows(Tensor table, Tensor indices, Tensor out);

  /**
   * table[indices[r]] = rows[r]; the indices must be distinct, or their rows equal.
   *
   * @param rows [R, W]
   * @param indices [R] I32
   * @param table [M, W], same dtype
   */
  void scatterRows(Tensor rows, Tensor indices, Tensor table);

  /**
   * The gradient of {@link #gatherRows}: table[indices[r]] += rows[r], colliding rows in ascending
   * order of r.
   *
   * @param rows [R, W], floating
   * @param indices [R] I32
   * @param table [M, W] F32, added to
   */
  void scatterAddRows(Tensor rows, Tensor indices, Tensor table);

  /**
   * table[indices[r]] = keep·table[indices[r]] + (1 − keep)·rows[r]; the indices must be distinct.
   *
   * @param rows [R, W] F32
   * @param indices [R] I32
   * @param keep the decay, 0 to 1
   * @param table [M, W] F32
   */
  void blendRows(Tensor rows, Tensor indices, float keep, Tensor table);

  /**
   * Reads entries that are token ids: out[r] = mean over k of embeddings[bank[indices[r], k]].
   *
   * @param embeddings [V, d]
   * @param bank [M, K] I32, each in 0 … V−1
   * @param indices [R] I32 (any shape of R elements)
   * @param out [R, d], dtype of the embeddings
   */
  void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out);

  /**
   * The gradient of {@link #decodeTokenMemory}.
   *
   * @param dOut [R, d]
   * @param bank as in the forward
   * @param indices as in the forward
   * @param dEmbeddings [V, d] F32, added to
   */
  void decodeTokenMemoryBackward(Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings);

  /**
   * Selects by product keys (Lample et al. 2019). For each position and head, the query u = [u₁|u₂]
   * gives scores s₁ = K₀u₁ and s₂ = K₁u₂; of the S best of each, the S best sums, in descending
   * order; ties go to the lower index (i₁·n + i₂, and the lower sub-key within a half).
   *
   * @param queries u [N, Hm·D]
   * @param keys [Hm, 2, n, D/2], same dtype
   * @param valid 0 for positions that do not count in the balance loss, such as padding [N] I32;
   *     null: all count
   * @param indices i₁·n + i₂ [N, Hm, S] I32, S ≤ n; also of positions that do not count
   * @param weights softmax over the S kept sums [N, Hm, S] F32
   * @param logSumExp of each half's scores [N, Hm, 2] F32, +∞ at positions that do not count, for
   *     the backward; null together with {@code share} and {@code meanProbability} where no balance
   *     loss is wanted
   * @param share f of the balance loss [Hm, 2, n] F32: share of the selections of the head at
   *     positions that count whose sub-key is k; 0 if none counts
   * @param meanProbability P of the balance loss [Hm, 2, n] F32: mean over positions that count of
   *     the softmax of the half's scores; 0 if none counts
   */
  void productKeyTopK(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor logSumExp,
      Tensor share,
      Tensor meanProbability);

  /**
   * The gradient of {@link #productKeyTopK}, of the weights and of the balance loss.
   *
   * @param queries as in the forward
   * @param keys as in the forward
   * @param valid as in the forward; it bounds the gradient of the balance loss alone
   * @param indices as written by the forward
   * @param weights as written by the forward
   * @param dLogWeights w·∂L/∂w [N, Hm, S] F32
   * @param logSumExp as written by the forward; null together with {@code share}: no balance loss
   * @param share as written by the forward
   * @param balanceFactor the factor c of c·½·n·Σ_h Σ_k f_h[k]·P_h[k], summed over heads
   * @param dQueries [N, Hm·D], overwritten
   * @param dKeys [Hm, 2, n, D/2] F32, added to
   */
  void productKeyBackward(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor dLogWeights,
      Tensor logSumExp,
      Tensor share,
      float balanceFactor,
      Tensor dQueries,
      Tensor dKeys);

  /**
   * Adds factor·½·n·Σ_h Σ_k f_h[k]·P_h[k], summed over heads, to {@code out} (Fedus et al. 2021,
   * equation 4, on each key half).
   *
   * @param share f [Hm, 2, n] F32
   * @param meanProbability P [Hm, 2, n] F32
   * @param factor of the sum
   * @param out [1] F32, added to
   */
  void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out);

  /**
   * z = [q ; w₁m₁ ; … ; w_S m_S], by row.
   *
   * @param q [N, d]
   * @param reads m [N, S, W]
   * @param weights w [N, S] F32
   * @param z [N, d + S·W]
   */
  void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z);

  /**
   * The gradient of {@link #concatWeighted}.
   *
   * @param dz [N, d + S·W]
   * @param z as written by the forward
   * @param weights as in the forward
   * @param mode how {@code dq} is written
   * @param dq [N, d]
   * @param dReads [N, S, W], overwritten
   * @param dLogWeights [N, S] F32, overwritten
   */
  void concatWeightedBackward(
      Tensor dz,
      Tensor z,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dReads,
      Tensor dLogWeights);

  /**
   * {@link #concatWeighted} of entries that are token ids, read as {@link #decodeTokenMemory} does:
   * m_j = mean over k of embeddings[bank[indices[n, j], k]].
   *
   * @param q [N, d]
   * @param embeddings [V, W], same dtype
   * @param bank [M, K] I32, each in 0 … V−1
   * @param indices [N, S] I32, each in 0 … M−1 (any shape of N·S elements)
   * @param weights w [N, S] F32
   * @param z [N, d + S·W], same dtype
   * @param order selections (positions in {@code indices}) sorted by entry, those of one entry in
   *     ascending order [N·S] I32, for the backward
   */
  void concatTokens(
      Tensor q,
      Tensor embeddings,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor z,
      Tensor order);

  /**
   * The gradient of {@link #concatTokens}. The gradients of one entry may be summed and rounded to
   * the dtype of {@code dz} before they are added to those of its tokens.
   *
   * @param dz [N, d + S·W]
   * @param z as written by the forward
   * @param bank as in the forward
   * @param indices as in the forward
   * @param weights as in the forward
   * @param order as written by the forward
   * @param mode how {@code dq} is written
   * @param dq [N, d]
   * @param dEmbeddings [V, W] F32, added to; may be null
   * @param dLogWeights [N, S] F32, overwritten
   */
  void concatTokensBackward(
      Tensor dz,
      Tensor z,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor order,
      Accumulation mode,
      Tensor dq,
      Tensor dEmbeddings,
      Tensor dLogWeights);

  /**
   * {@link #concatWeighted} of rows of a table: m_j = table[indices[n, j]].
   *
   * @param q [N, d]
   * @param table [M, W], same dtype, or F32
   * @param indices [N, S] I32, each in 0 … M−1 (any shape of N·S elements)
   * @param weights w [N, S] F32
   * @param z [N, d + S·W], dtype of {@code q}
   */
  void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z);

  /**
   * The gradient of {@link #concatRows}.
   *
   * @param dz [N, d + S·W]
   * @param z as written by the forward
   * @param indices as in the forward
   * @param weights as in the forward
   * @param mode how {@code dq} is written
   * @param dq [N, d]
   * @param dTable [M, W] F32, added to; may be null
   * @param dLogWeights [N, S] F32, overwritten
   */
  void concatRowsBackward(
      Tensor dz,
      Tensor z,
      Tensor indices,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dTable,
      Tensor dLogWeights);

  /**
   * out = Σ_j w_j·m_j, by row.
   *
   * @param reads m [N, S, W]
   * @param weights w [N, S] F32
   * @param out [N, W]
   */
  void weightedSum(Tensor reads, Tensor weights, Tensor out);

  /**
   * The gradient of {@link #weightedSum}.
   *
   * @param dOut [N, W]
   * @param reads as in the forward
   * @param weights as in the forward
   * @param dReads [N, S, W], overwritten; may be {@code reads}
   * @param dLogWeights [N, S] F32, overwritten
   */
  void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights);

  /**
   * out[n] = Σ_j weights[n, j]·table[indices[n, j]]: {@link #weightedSum} of what {@link
   * #gatherRows} would read, without the reads.
   *
   * @param table [M, W], floating
   * @param indices [N, S] I32, each in 0 … M−1
   * @param weights w [N, S] F32
   * @param out [N, W], same dtype; of an F32 table also BF16
   */
  void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out);

  /**
   * The gradient of {@link #embeddingBag}. It reads the rows of the table again.
   *
   * @param dOut [N, W], dtype of the forward's {@code out}
   * @param table as in the forward
   * @param indices as in the forward
   * @param weights as in the forward
   * @param dTable [M, W] F32, added to, colliding rows in ascending order of n·S + j; null where
   *     none is wanted
   * @param dLogWeights [N, S] F32, overwritten
   */
  void embeddingBagBackward(
      Tensor dOut, Tensor table, Tensor indices, Tensor weights, Tensor dTable, Tensor dLogWeights);

  /**
   * Attention of each head's query over the S entries of its own position: logits scale·⟨q_h, m_j⟩
   * + log max(w_j, 1e-9), softmax over j, out_h = Σ_j p_hj·m_j. Projections of keys and values are
   * absorbed into the queries and the output by the caller.
   *
   * @param queries [N, H, W]
   * @param reads m [N, S, W]
   * @param weights w [N, S] F32
   * @param scale factor of the scores
   * @param out [N, H, W]
   * @param probabilities p [N, H, S] F32, for the backward
   */
  void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities);

  /**
   * The gradient of {@link #entryAttention}.
   *
   * @param dOut [N, H, W]
   * @param queries as in the forward
   * @param reads as in the forward
   * @param weights as in the forward
   * @param scale as in the forward
   * @param probabilities as written by the forward
   * @param dQueries [N, H, W], overwritten; may be {@code queries}
   * @param dReads [N, S, W], overwritten
   * @param dLogWeights [N, S] F32, overwritten; 0 where w_j &lt; 1e-9
   */
  void entryAttentionBackward(
      Tensor dOut,
      Tensor queries,
      Tensor reads,
      Tensor weights,
      float scale,
      Tensor probabilities,
      Tensor dQueries,
      Tensor dReads,
      Tensor dLogWeights);

  /**
   * Marks selections that are no reads: out[r] = indices[r] where valid[r·Q/R] is not 0, else −1.
   *
   * @param indices [R] I32 (any shape of R elements)
   * @param valid one number for each of Q groups of R/Q consecutive selections, such as the slots
   *     of a position [Q] I32
   * @param out [R] I32; may be {@code indices}
   */
  void maskSelections(Tensor indices, Tensor valid, Tensor out);

  /**
   * Sorts selections by entry. Waits for the device, since it returns a count.
   *
   * @param indices selected entries [R] I32 (any shape of R elements); −1 for one that is left out
   * @param rows M; every other index is in 0 … M−1
   * @param firstRow entries below it are left out (frozen)
   * @param order selections (positions in {@code indices}) sorted by entry, those of one entry in
   *     ascending order [R] I32; what lies behind the last group is undefined
   * @param entries the distinct entries, ascending [R] I32; defined up to the count
   * @param starts selections of group g are order[starts[g]] … order[starts[g+1]−1] [R + 1] I32
   * @return the number of groups
   */
  int groupSelections(
      Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts);

  /**
   * Means of the features of groups: selection s belongs to feature row s / slots; with a shift of
   * k, the feature k positions later in the same sequence is taken, and selections that have none,
   * or one that is not valid, are left out.
   *
   * @param features [P, W], floating; P is a multiple of {@code sequence}
   * @param valid 0 for features that are left out, such as those of padding [Q] I32, P a multiple
   *     of Q: that of feature row r is valid[r mod Q]; null: all are valid
   * @param order as written by {@link #groupSelections}
   * @param starts likewise
   * @param firstGroup the group of means[0]; as many groups follow as {@code means} has rows
   * @param slots selections of each feature row
   * @param sequence positions of each sequence
   * @param shift k ≥ 0
   * @param means [U, W] F32; zeros for a group with no feature
   * @param counts features of each group [U] F32
   */
  void scatterMean(
      Tensor features,
      Tensor valid,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts);

  /**
   * Scales each row of x to the mean Euclidean norm of the rows of {@code reference}; a row of
   * zeros stays.
   *
   * @param reference [V, d], floating
   * @param x [U, d] F32, in place
   */
  void scaleToMeanNorm(Tensor reference, Tensor x);

  /**
   * The nearest token by inner product: out[u, k] = argmax over v of keep[u]·⟨E[tokens[u, k]],
   * E[v]⟩ + ⟨features[u], E[v]⟩; ties go to the lowest id.
   *
   * @param embeddings E [V, d]
   * @param tokens [U, K] I32
   * @param keep [U] F32
   * @param features [U, d] F32
   * @param out [U, K] I32; may be {@code tokens}
   */
  void nearestToken(Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out);

  /**
   * With probability {@code probability}, an entry takes the K tokens that follow one of the
   * positions that selected it. Chance and choice come from a hash of seed and entry. Selection s
   * belongs to position (s / slots) mod (B·T). Positions with fewer than K tokens left in their
   * sequence, or with {@code excludedToken} among them, are no candidates; an entry without one
   * stays.
   *
   * @param order as written by {@link #groupSelections}
   * @param entries likewise
   * @param starts likewise
   * @param groups number of groups
   * @param inputIds [B, T] I32
   * @param slots selections of each position
   * @param probability 0 to 1
   * @param excludedToken a token that no entry takes, such as padding; −1 for none
   * @param seed of the choice; another for each update
   * @param bank [M, K] I32, updated
   */
  void episodicTokens(
      Tensor order,
      Tensor entries,
      Tensor starts,
      int groups,
      Tensor inputIds,
      int slots,
      float probability,
      int excludedToken,
      long seed,
      Tensor bank);

  /**
   * counts[indices[r]] += 1.
   *
   * @param indices [R] I32 (any shape of R elements); −1 counts nothing
   * @param counts [M] I32, added to
   */
  void countIndices(Tensor indices, Tensor counts);

  /**
   * Lists the rows that were counted: rows = the r with counts[r] &gt; 0, ascending. Their number
   * stays on the device, so that what follows need not wait for it.
   *
   * @param counts as {@link #countIndices} adds them up [M] I32
   * @param rows [M] I32; defined up to the count
   * @param rowCount how many there are [1] I32
   */
  void listRows(Tensor counts, Tensor rows, Tensor rowCount);

  /**
   * Sets the listed rows of a table to 0.
   *
   * @param rows as written by {@link #listRows} [R] I32, each in 0 … M−1
   * @param rowCount likewise [1] I32, at most R
   * @param table [M, W] F32
   */
  void zeroRows(Tensor rows, Tensor rowCount, Tensor table);
}
