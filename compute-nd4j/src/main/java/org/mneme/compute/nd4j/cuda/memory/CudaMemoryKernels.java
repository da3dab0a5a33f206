// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;

/** The memory operations, each by the class of its kind. */
public final class CudaMemoryKernels implements MemoryKernels {
  private final RowKernels tableRows;
  private final RowLists rowLists;
  private final TokenDecoder tokenDecoder;
  private final ProductKeySelector selector;
  private final ProductKeyGradient productKeyGradient;
  private final FusionKernels fusion;
  private final EmbeddingBag embeddingBag;
  private final ConcatKernels concats;
  private final EntryAttention entryAttention;
  private final GroupKernels groups;
  private final ScatterMean scatterMean;
  private final NearestToken nearestToken;
  private final EpisodicTokens episodicTokens;

  /** Kernels that work with {@code cuda}. */
  public CudaMemoryKernels(CudaRuntime cuda) {
    KeySort sort = new KeySort(cuda);
    SegmentSum segments = new SegmentSum(cuda);
    tableRows = new RowKernels(cuda, sort, segments);
    rowLists = new RowLists(cuda, sort);
    tokenDecoder = new TokenDecoder(cuda, tableRows, sort, segments);
    selector = new ProductKeySelector(cuda);
    productKeyGradient = new ProductKeyGradient(cuda);
    fusion = new FusionKernels(cuda);
    embeddingBag = new EmbeddingBag(cuda, sort, segments);
    concats = new ConcatKernels(cuda, sort, segments);
    entryAttention = new EntryAttention(cuda);
    groups = new GroupKernels(cuda);
    scatterMean = new ScatterMean(cuda);
    nearestToken = new NearestToken(cuda);
    episodicTokens = new EpisodicTokens(cuda);
  }

  @Override
  public void gatherRows(Tensor table, Tensor indices, Tensor out) {
    tableRows.gatherRows(table, indices, out);
  }

  @Override
  public void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    tableRows.scatterRows(rows, indices, table);
  }

  @Override
  public void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    tableRows.scatterAddRows(rows, indices, table);
  }

  @Override
  public void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    tableRows.blendRows(rows, indices, keep, table);
  }

  @Override
  public void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    tokenDecoder.decodeTokenMemory(embeddings, bank, indices, out);
  }

  @Override
  public void decodeTokenMemoryBackward(
      Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    tokenDecoder.decodeTokenMemoryBackward(dOut, bank, indices, dEmbeddings);
  }

  @Override
  public void productKeyTopK(
      Tensor queries,
      Tensor keys,
      Tensor valid,
      Tensor indices,
      Tensor weights,
      Tensor logSumExp,
      Tensor share,
      Tensor meanProbability) {
    selector.select(
        new ProductKeySelector.Arguments(
            queries, keys, valid, indices, weights, logSumExp, share, meanProbability));
  }

  @Override
  public void productKeyBackward(
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
      Tensor dKeys) {
    productKeyGradient.add(
        new ProductKeyGradient.Arguments(
            queries,
            keys,
            valid,
            indices,
            weights,
            dLogWeights,
            logSumExp,
            share,
            balanceFactor,
            dQueries,
            dKeys));
  }

  @Override
  public void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    selector.balanceLoss(share, meanProbability, factor, out);
  }

  @Override
  public void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    fusion.concatWeighted(q, reads, weights, z);
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
    fusion.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights);
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
    concats.tokens(q, embeddings, bank, indices, weights, z, order);
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
    concats.tokensBackward(
        new ConcatKernels.Gradient(dz, z, weights, mode, dq, dLogWeights),
        bank,
        indices,
        order,
        dEmbeddings);
  }

  @Override
  public void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    concats.rows(q, table, indices, weights, z);
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
    concats.rowsBackward(
        new ConcatKernels.Gradient(dz, z, weights, mode, dq, dLogWeights), indices, dTable);
  }

  @Override
  public void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    fusion.weightedSum(reads, weights, out);
  }

  @Override
  public void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    fusion.weightedSumBackward(dOut, reads, weights, dReads, dLogWeights);
  }

  @Override
  public void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    embeddingBag.embeddingBag(table, indices, weights, out);
  }

  @Override
  public void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    embeddingBag.embeddingBagBackward(dOut, table, indices, weights, dTable, dLogWeights);
  }

  @Override
  public void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    entryAttention.entryAttention(queries, reads, weights, scale, out, probabilities);
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
    entryAttention.entryAttentionBackward(
        dOut, queries, reads, weights, scale, probabilities, dQueries, dReads, dLogWeights);
  }

  @Override
  public void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    groups.mask(indices, valid, out);
  }

  @Override
  public int groupSelections(
      Tensor indices, long rowCount, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    return groups.group(indices, rowCount, firstRow, order, entries, starts);
  }

  @Override
  public void scatterMean(
      Tensor features,
      Tensor valid,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts) {
    scatterMean.mean(
        new ScatterMean.Groups(features, valid, order, starts, firstGroup),
        new ScatterMean.Layout(slots, sequence, shift),
        means,
        counts);
  }

  @Override
  public void scaleToMeanNorm(Tensor reference, Tensor x) {
    groups.scaleToMeanNorm(reference, x);
  }

  @Override
  public void nearestToken(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    nearestToken.find(embeddings, tokens, keep, features, out);
  }

  @Override
  public void episodicTokens(
      Tensor order,
      Tensor entries,
      Tensor starts,
      int groupCount,
      Tensor inputIds,
      int slots,
      float probability,
      int excludedToken,
      long seed,
      Tensor bank) {
    episodicTokens.update(
        new EpisodicTokens.Groups(order, entries, starts, groupCount, slots),
        inputIds,
        probability,
        excludedToken,
        seed,
        bank);
  }

  @Override
  public void countIndices(Tensor indices, Tensor counts) {
    groups.count(indices, counts);
  }

  @Override
  public void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    rowLists.listRows(counts, rows, rowCount);
  }

  @Override
  public void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    rowLists.zeroRows(rows, rowCount, table);
  }
}
