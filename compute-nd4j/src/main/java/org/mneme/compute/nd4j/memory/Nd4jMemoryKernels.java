// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.mneme.compute.nd4j.host.HostTensor.of;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** The memory operations of the CPU device; arguments are checked already. */
public final class Nd4jMemoryKernels implements MemoryKernels {
  private final RowKernels rows;
  private final TokenDecoder tokenDecoder;
  private final TokenGradient tokenGradient;
  private final ProductKeySelector selector;
  private final ProductKeyGradient productKeyGradient;
  private final SelectionGradient selectionGradient;
  private final FusionKernels fusion;
  private final EmbeddingBag embeddingBag;
  private final ConcatKernels concats;
  private final EntryAttention entryAttention;
  private final GroupKernels groups;
  private final NearestToken nearestToken;
  private final EpisodicTokens episodicTokens;

  /** Operations with the given threads, scratch space and loops. */
  public Nd4jMemoryKernels(HostRuntime host) {
    rows = new RowKernels(host);
    tokenDecoder = new TokenDecoder(host);
    tokenGradient = new TokenGradient(host);
    selector = new ProductKeySelector(host);
    productKeyGradient = new ProductKeyGradient(host);
    selectionGradient = new SelectionGradient(host);
    fusion = new FusionKernels(host);
    embeddingBag = new EmbeddingBag(host);
    concats = new ConcatKernels(host, rows, tokenDecoder, tokenGradient, fusion);
    entryAttention = new EntryAttention(host);
    groups = new GroupKernels(host);
    nearestToken = new NearestToken(host);
    episodicTokens = new EpisodicTokens(host);
  }

  private static HostTensor orNull(Tensor tensor) {
    return tensor == null ? null : of(tensor);
  }

  @Override
  public void gatherRows(Tensor table, Tensor indices, Tensor out) {
    rows.gather(of(table), of(indices), of(out));
  }

  @Override
  public void scatterRows(Tensor rowTensor, Tensor indices, Tensor table) {
    rows.scatter(of(rowTensor), of(indices), of(table));
  }

  @Override
  public void scatterAddRows(Tensor rowTensor, Tensor indices, Tensor table) {
    rows.scatterAdd(of(rowTensor), of(indices), of(table));
  }

  @Override
  public void blendRows(Tensor rowTensor, Tensor indices, float keep, Tensor table) {
    rows.blend(of(rowTensor), of(indices), keep, of(table));
  }

  @Override
  public void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    tokenDecoder.decode(of(embeddings), of(bank), of(indices), of(out));
  }

  @Override
  public void decodeTokenMemoryBackward(
      Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    tokenGradient.add(of(dOut), of(bank), of(indices), of(dEmbeddings));
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
        of(queries),
        of(keys),
        orNull(valid),
        of(indices),
        of(weights),
        orNull(logSumExp),
        orNull(share),
        orNull(meanProbability));
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
    ProductKeyGradient.Arguments arguments =
        new ProductKeyGradient.Arguments(
            of(queries),
            of(keys),
            orNull(valid),
            of(indices),
            of(weights),
            of(dLogWeights),
            orNull(logSumExp),
            orNull(share),
            balanceFactor,
            of(dQueries),
            of(dKeys));
    if (share == null || balanceFactor == 0) {
      selectionGradient.add(arguments);
    } else {
      productKeyGradient.add(arguments);
    }
  }

  @Override
  public void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    fusion.balanceLoss(of(share), of(meanProbability), factor, of(out));
  }

  @Override
  public void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    fusion.concatWeighted(of(q), of(reads), of(weights), of(z));
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
    fusion.concatWeightedBackward(
        of(dz), of(z), of(weights), mode, of(dq), of(dReads), of(dLogWeights));
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
    concats.tokens(of(q), of(embeddings), of(bank), of(indices), of(weights), of(z), of(order));
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
        of(dz),
        of(z),
        of(bank),
        of(indices),
        of(weights),
        mode,
        of(dq),
        orNull(dEmbeddings),
        of(dLogWeights));
  }

  @Override
  public void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    concats.rows(of(q), of(table), of(indices), of(weights), of(z));
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
        of(dz), of(z), of(indices), of(weights), mode, of(dq), orNull(dTable), of(dLogWeights));
  }

  @Override
  public void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    fusion.weightedSum(of(reads), of(weights), of(out));
  }

  @Override
  public void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    fusion.weightedSumBackward(of(dOut), of(reads), of(weights), of(dReads), of(dLogWeights));
  }

  @Override
  public void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    embeddingBag.sum(of(table), of(indices), of(weights), of(out));
  }

  @Override
  public void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    embeddingBag.weightGradient(of(dOut), of(table), of(indices), of(weights), of(dLogWeights));
    if (dTable != null) {
      embeddingBag.addTableGradient(of(dOut), of(indices), of(weights), of(dTable));
    }
  }

  @Override
  public void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    entryAttention.attend(of(queries), of(reads), of(weights), scale, of(out), of(probabilities));
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
    entryAttention.differentiate(
        of(dOut),
        of(queries),
        of(reads),
        of(weights),
        scale,
        of(probabilities),
        of(dQueries),
        of(dReads),
        of(dLogWeights));
  }

  @Override
  public void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    groups.mask(of(indices), of(valid), of(out));
  }

  @Override
  public int groupSelections(
      Tensor indices, long rowCount, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    return groups.group(of(indices), rowCount, firstRow, of(order), of(entries), of(starts));
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
    groups.mean(
        of(features),
        orNull(valid),
        of(order),
        of(starts),
        firstGroup,
        slots,
        sequence,
        shift,
        of(means),
        of(counts));
  }

  @Override
  public void scaleToMeanNorm(Tensor reference, Tensor x) {
    groups.scaleToMeanNorm(of(reference), of(x));
  }

  @Override
  public void nearestToken(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    nearestToken.find(of(embeddings), of(tokens), of(keep), of(features), of(out));
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
        new EpisodicTokens.Groups(of(order), of(entries), of(starts), groupCount, slots),
        of(inputIds),
        probability,
        excludedToken,
        seed,
        of(bank));
  }

  @Override
  public void countIndices(Tensor indices, Tensor counts) {
    groups.count(of(indices), of(counts));
  }

  @Override
  public void listRows(Tensor counts, Tensor listed, Tensor rowCount) {
    rows.list(of(counts), of(listed), of(rowCount));
  }

  @Override
  public void zeroRows(Tensor listed, Tensor rowCount, Tensor table) {
    rows.zero(of(listed), of(rowCount), of(table));
  }
}
