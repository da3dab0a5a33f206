// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.MemoryKernels;

/** Checks the arguments of memory operations and times them. */
final class CheckedMemoryKernels implements MemoryKernels {
  private final MemoryKernels kernels;
  private final ReadChecks reads;
  private final ConcatChecks concats;
  private final GateChecks gate;
  private final UpdateChecks updates;
  private final OperationProfiler profiler;

  CheckedMemoryKernels(MemoryKernels kernels, ArgumentCheck check, OperationProfiler profiler) {
    this.kernels = kernels;
    this.reads = new ReadChecks(check);
    this.concats = new ConcatChecks(check);
    this.gate = new GateChecks(check);
    this.updates = new UpdateChecks(check);
    this.profiler = profiler;
  }

  @Override
  public void gatherRows(Tensor table, Tensor indices, Tensor out) {
    reads.gatherRows(table, indices, out);
    long started = profiler.start();
    kernels.gatherRows(table, indices, out);
    profiler.stop("gather_rows", started);
  }

  @Override
  public void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    reads.scatterRows(rows, indices, table);
    long started = profiler.start();
    kernels.scatterRows(rows, indices, table);
    profiler.stop("scatter_rows", started);
  }

  @Override
  public void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    reads.scatterAddRows(rows, indices, table);
    long started = profiler.start();
    kernels.scatterAddRows(rows, indices, table);
    profiler.stop("scatter_add_rows", started);
  }

  @Override
  public void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    reads.blendRows(rows, indices, keep, table);
    long started = profiler.start();
    kernels.blendRows(rows, indices, keep, table);
    profiler.stop("blend_rows", started);
  }

  @Override
  public void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    reads.decodeTokenMemory(embeddings, bank, indices, out);
    long started = profiler.start();
    kernels.decodeTokenMemory(embeddings, bank, indices, out);
    profiler.stop("decode_token_memory", started);
  }

  @Override
  public void decodeTokenMemoryBackward(
      Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    reads.decodeTokenMemoryBackward(dOut, bank, indices, dEmbeddings);
    long started = profiler.start();
    kernels.decodeTokenMemoryBackward(dOut, bank, indices, dEmbeddings);
    profiler.stop("decode_token_memory_backward", started);
  }

  @Override
  public void productKeyTopK(
      Tensor queries,
      Tensor keys,
      Tensor indices,
      Tensor weights,
      Tensor logSumExp,
      Tensor share,
      Tensor meanProbability) {
    gate.productKeyTopK(queries, keys, indices, weights, logSumExp, share, meanProbability);
    long started = profiler.start();
    kernels.productKeyTopK(queries, keys, indices, weights, logSumExp, share, meanProbability);
    profiler.stop("product_key_top_k", started);
  }

  @Override
  public void productKeyBackward(
      Tensor queries,
      Tensor keys,
      Tensor indices,
      Tensor weights,
      Tensor dLogWeights,
      Tensor logSumExp,
      Tensor share,
      float balanceFactor,
      Tensor dQueries,
      Tensor dKeys) {
    gate.productKeyBackward(
        queries, keys, indices, weights, dLogWeights, logSumExp, share, dQueries, dKeys);
    long started = profiler.start();
    kernels.productKeyBackward(
        queries,
        keys,
        indices,
        weights,
        dLogWeights,
        logSumExp,
        share,
        balanceFactor,
        dQueries,
        dKeys);
    profiler.stop("product_key_backward", started);
  }

  @Override
  public void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    gate.balanceLoss(share, meanProbability, out);
    long started = profiler.start();
    kernels.balanceLoss(share, meanProbability, factor, out);
    profiler.stop("balance_loss", started);
  }

  @Override
  public void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    concats.concatWeighted(q, reads, weights, z);
    long started = profiler.start();
    kernels.concatWeighted(q, reads, weights, z);
    profiler.stop("concat_weighted", started);
  }

  @Override
  public void concatWeightedBackward(
      Tensor dz,
      Tensor z,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dReads,
      Tensor dLogWeights) {
    concats.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights);
    long started = profiler.start();
    kernels.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights);
    profiler.stop("concat_weighted_backward", started);
  }

  @Override
  public void concatTokens(
      Tensor q,
      Tensor embeddings,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor z,
      Tensor order) {
    concats.concatTokens(q, embeddings, bank, indices, weights, z, order);
    long started = profiler.start();
    kernels.concatTokens(q, embeddings, bank, indices, weights, z, order);
    profiler.stop("concat_tokens", started);
  }

  @Override
  public void concatTokensBackward(
      Tensor dz,
      Tensor z,
      Tensor bank,
      Tensor indices,
      Tensor weights,
      Tensor order,
      Accumulation mode,
      Tensor dq,
      Tensor dEmbeddings,
      Tensor dLogWeights) {
    concats.concatTokensBackward(
        dz, z, bank, indices, weights, order, mode, dq, dEmbeddings, dLogWeights);
    long started = profiler.start();
    kernels.concatTokensBackward(
        dz, z, bank, indices, weights, order, mode, dq, dEmbeddings, dLogWeights);
    profiler.stop("concat_tokens_backward", started);
  }

  @Override
  public void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    concats.concatRows(q, table, indices, weights, z);
    long started = profiler.start();
    kernels.concatRows(q, table, indices, weights, z);
    profiler.stop("concat_rows", started);
  }

  @Override
  public void concatRowsBackward(
      Tensor dz,
      Tensor z,
      Tensor indices,
      Tensor weights,
      Accumulation mode,
      Tensor dq,
      Tensor dTable,
      Tensor dLogWeights) {
    concats.concatRowsBackward(dz, z, indices, weights, mode, dq, dTable, dLogWeights);
    long started = profiler.start();
    kernels.concatRowsBackward(dz, z, indices, weights, mode, dq, dTable, dLogWeights);
    profiler.stop("concat_rows_backward", started);
  }

  @Override
  public void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    this.reads.weightedSum(reads, weights, out);
    long started = profiler.start();
    kernels.weightedSum(reads, weights, out);
    profiler.stop("weighted_sum", started);
  }

  @Override
  public void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    this.reads.weightedSumBackward(dOut, reads, weights, dReads, dLogWeights);
    long started = profiler.start();
    kernels.weightedSumBackward(dOut, reads, weights, dReads, dLogWeights);
    profiler.stop("weighted_sum_backward", started);
  }

  @Override
  public void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    reads.embeddingBag(table, indices, weights, out);
    long started = profiler.start();
    kernels.embeddingBag(table, indices, weights, out);
    profiler.stop("embedding_bag", started);
  }

  @Override
  public void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    reads.embeddingBagBackward(dOut, table, indices, weights, dTable, dLogWeights);
    long started = profiler.start();
    kernels.embeddingBagBackward(dOut, table, indices, weights, dTable, dLogWeights);
    profiler.stop("embedding_bag_backward", started);
  }

  @Override
  public void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    this.reads.entryAttention(queries, reads, weights, out, probabilities);
    long started = profiler.start();
    kernels.entryAttention(queries, reads, weights, scale, out, probabilities);
    profiler.stop("entry_attention", started);
  }

  @Override
  public void entryAttentionBackward(
      Tensor dOut,
      Tensor queries,
      Tensor reads,
      Tensor weights,
      float scale,
      Tensor probabilities,
      Tensor dQueries,
      Tensor dReads,
      Tensor dLogWeights) {
    this.reads.entryAttentionBackward(
        dOut, queries, reads, weights, probabilities, dQueries, dReads, dLogWeights);
    long started = profiler.start();
    kernels.entryAttentionBackward(
        dOut, queries, reads, weights, scale, probabilities, dQueries, dReads, dLogWeights);
    profiler.stop("entry_attention_backward", started);
  }

  @Override
  public int groupSelections(
      Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    updates.groupSelections(indices, rows, firstRow, order, entries, starts);
    long started = profiler.start();
    int groups = kernels.groupSelections(indices, rows, firstRow, order, entries, starts);
    profiler.stop("group_selections", started);
    return groups;
  }

  @Override
  public void scatterMean(
      Tensor features,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts) {
    updates.scatterMean(features, order, starts, firstGroup, slots, sequence, shift, means, counts);
    long started = profiler.start();
    kernels.scatterMean(features, order, starts, firstGroup, slots, sequence, shift, means, counts);
    profiler.stop("scatter_mean", started);
  }

  @Override
  public void scaleToMeanNorm(Tensor reference, Tensor x) {
    updates.scaleToMeanNorm(reference, x);
    long started = profiler.start();
    kernels.scaleToMeanNorm(reference, x);
    profiler.stop("scale_to_mean_norm", started);
  }

  @Override
  public void nearestToken(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    updates.nearestToken(embeddings, tokens, keep, features, out);
    long started = profiler.start();
    kernels.nearestToken(embeddings, tokens, keep, features, out);
    profiler.stop("nearest_token", started);
  }

  @Override
  public void episodicTokens(
      Tensor order,
      Tensor entries,
      Tensor starts,
      int groups,
      Tensor inputIds,
      int slots,
      float probability,
      int excludedToken,
      long seed,
      Tensor bank) {
    updates.episodicTokens(
        order, entries, starts, groups, inputIds, slots, probability, excludedToken, bank);
    long started = profiler.start();
    kernels.episodicTokens(
        order, entries, starts, groups, inputIds, slots, probability, excludedToken, seed, bank);
    profiler.stop("episodic_tokens", started);
  }

  @Override
  public void countIndices(Tensor indices, Tensor counts) {
    updates.countIndices(indices, counts);
    long started = profiler.start();
    kernels.countIndices(indices, counts);
    profiler.stop("count_indices", started);
  }

  @Override
  public void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    updates.listRows(counts, rows, rowCount);
    long started = profiler.start();
    kernels.listRows(counts, rows, rowCount);
    profiler.stop("list_rows", started);
  }

  @Override
  public void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    updates.zeroRows(rows, rowCount, table);
    long started = profiler.start();
    kernels.zeroRows(rows, rowCount, table);
    profiler.stop("zero_rows", started);
  }
}
