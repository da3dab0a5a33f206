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
  private final IndexChecks indexChecks;
  private final OperationRunner operations;

  CheckedMemoryKernels(
      MemoryKernels kernels, ArgumentCheck check, IndexChecks indices, OperationRunner operations) {
    this.kernels = kernels;
    this.reads = new ReadChecks(check);
    this.concats = new ConcatChecks(check);
    this.gate = new GateChecks(check);
    this.updates = new UpdateChecks(check);
    this.indexChecks = indices;
    this.operations = operations;
  }

  @Override
  public void gatherRows(Tensor table, Tensor indices, Tensor out) {
    reads.gatherRows(table, indices, out);
    operations.run(
        "gather_rows",
        () -> {
          indexChecks.rows("gather_rows", indices, table);
          kernels.gatherRows(table, indices, out);
        });
  }

  @Override
  public void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    reads.scatterRows(rows, indices, table);
    operations.run(
        "scatter_rows",
        () -> {
          indexChecks.rows("scatter_rows", indices, table);
          kernels.scatterRows(rows, indices, table);
        });
  }

  @Override
  public void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    reads.scatterAddRows(rows, indices, table);
    operations.run(
        "scatter_add_rows",
        () -> {
          indexChecks.rows("scatter_add_rows", indices, table);
          kernels.scatterAddRows(rows, indices, table);
        });
  }

  @Override
  public void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    reads.blendRows(rows, indices, keep, table);
    operations.run(
        "blend_rows",
        () -> {
          indexChecks.rows("blend_rows", indices, table);
          kernels.blendRows(rows, indices, keep, table);
        });
  }

  @Override
  public void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    reads.decodeTokenMemory(embeddings, bank, indices, out);
    operations.run(
        "decode_token_memory",
        () -> {
          indexChecks.tokens("decode_token_memory", indices, bank, embeddings);
          kernels.decodeTokenMemory(embeddings, bank, indices, out);
        });
  }

  @Override
  public void decodeTokenMemoryBackward(
      Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    reads.decodeTokenMemoryBackward(dOut, bank, indices, dEmbeddings);
    operations.run(
        "decode_token_memory_backward",
        () -> {
          indexChecks.tokens("decode_token_memory_backward", indices, bank, dEmbeddings);
          kernels.decodeTokenMemoryBackward(dOut, bank, indices, dEmbeddings);
        });
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
    gate.productKeyTopK(queries, keys, valid, indices, weights, logSumExp, share, meanProbability);
    operations.run(
        "product_key_top_k",
        () ->
            kernels.productKeyTopK(
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
    gate.productKeyBackward(
        queries, keys, valid, indices, weights, dLogWeights, logSumExp, share, dQueries, dKeys);
    operations.run(
        "product_key_backward",
        () -> {
          long n = keys.shape().extent(2);
          indexChecks.rows("product_key_backward", "indices", indices, n * n);
          kernels.productKeyBackward(
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
              dKeys);
        });
  }

  @Override
  public void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    gate.balanceLoss(share, meanProbability, out);
    operations.run("balance_loss", () -> kernels.balanceLoss(share, meanProbability, factor, out));
  }

  @Override
  public void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    concats.concatWeighted(q, reads, weights, z);
    operations.run("concat_weighted", () -> kernels.concatWeighted(q, reads, weights, z));
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
    operations.run(
        "concat_weighted_backward",
        () -> kernels.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights));
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
    operations.run(
        "concat_tokens",
        () -> {
          indexChecks.tokens("concat_tokens", indices, bank, embeddings);
          kernels.concatTokens(q, embeddings, bank, indices, weights, z, order);
        });
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
    operations.run(
        "concat_tokens_backward",
        () -> {
          indexChecks.rows("concat_tokens_backward", "order", order, order.elementCount());
          if (dEmbeddings == null) {
            indexChecks.rows("concat_tokens_backward", indices, bank);
          } else {
            indexChecks.tokens("concat_tokens_backward", indices, bank, dEmbeddings);
          }
          ;
          kernels.concatTokensBackward(
              dz, z, bank, indices, weights, order, mode, dq, dEmbeddings, dLogWeights);
        });
  }

  @Override
  public void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    concats.concatRows(q, table, indices, weights, z);
    operations.run(
        "concat_rows",
        () -> {
          indexChecks.rows("concat_rows", indices, table);
          kernels.concatRows(q, table, indices, weights, z);
        });
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
    operations.run(
        "concat_rows_backward",
        () -> {
          if (dTable != null) {
            indexChecks.rows("concat_rows_backward", indices, dTable);
          }
          ;
          kernels.concatRowsBackward(dz, z, indices, weights, mode, dq, dTable, dLogWeights);
        });
  }

  @Override
  public void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    this.reads.weightedSum(reads, weights, out);
    operations.run("weighted_sum", () -> kernels.weightedSum(reads, weights, out));
  }

  @Override
  public void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    this.reads.weightedSumBackward(dOut, reads, weights, dReads, dLogWeights);
    operations.run(
        "weighted_sum_backward",
        () -> kernels.weightedSumBackward(dOut, reads, weights, dReads, dLogWeights));
  }

  @Override
  public void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    reads.embeddingBag(table, indices, weights, out);
    operations.run(
        "embedding_bag",
        () -> {
          indexChecks.rows("embedding_bag", indices, table);
          kernels.embeddingBag(table, indices, weights, out);
        });
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
    operations.run(
        "embedding_bag_backward",
        () -> {
          indexChecks.rows("embedding_bag_backward", indices, table);
          kernels.embeddingBagBackward(dOut, table, indices, weights, dTable, dLogWeights);
        });
  }

  @Override
  public void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    this.reads.entryAttention(queries, reads, weights, out, probabilities);
    operations.run(
        "entry_attention",
        () -> kernels.entryAttention(queries, reads, weights, scale, out, probabilities));
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
    operations.run(
        "entry_attention_backward",
        () ->
            kernels.entryAttentionBackward(
                dOut,
                queries,
                reads,
                weights,
                scale,
                probabilities,
                dQueries,
                dReads,
                dLogWeights));
  }

  @Override
  public void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    updates.maskSelections(indices, valid, out);
    operations.run("mask_selections", () -> kernels.maskSelections(indices, valid, out));
  }

  @Override
  public int groupSelections(
      Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    updates.groupSelections(indices, rows, firstRow, order, entries, starts);
    return operations.count(
        "group_selections",
        () -> {
          indexChecks.selections("group_selections", indices, rows);
          return kernels.groupSelections(indices, rows, firstRow, order, entries, starts);
        });
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
    updates.scatterMean(
        features, valid, order, starts, firstGroup, slots, sequence, shift, means, counts);
    operations.run(
        "scatter_mean",
        () -> {
          indexChecks.groups("scatter_mean", order, starts, firstGroup, means.shape().rows());
          kernels.scatterMean(
              features, valid, order, starts, firstGroup, slots, sequence, shift, means, counts);
        });
  }

  @Override
  public void scaleToMeanNorm(Tensor reference, Tensor x) {
    updates.scaleToMeanNorm(reference, x);
    operations.run("scale_to_mean_norm", () -> kernels.scaleToMeanNorm(reference, x));
  }

  @Override
  public void nearestToken(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    updates.nearestToken(embeddings, tokens, keep, features, out);
    operations.run(
        "nearest_token",
        () -> {
          indexChecks.rows("nearest_token", "tokens", tokens, embeddings.shape().rows());
          kernels.nearestToken(embeddings, tokens, keep, features, out);
        });
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
    operations.run(
        "episodic_tokens",
        () -> {
          indexChecks.groups("episodic_tokens", order, starts, 0, groups);
          indexChecks.rows(
              "episodic_tokens", "entries", entries.rows(0, groups), bank.shape().rows());
          kernels.episodicTokens(
              order,
              entries,
              starts,
              groups,
              inputIds,
              slots,
              probability,
              excludedToken,
              seed,
              bank);
        });
  }

  @Override
  public void countIndices(Tensor indices, Tensor counts) {
    updates.countIndices(indices, counts);
    operations.run(
        "count_indices",
        () -> {
          indexChecks.selections("count_indices", indices, counts.elementCount());
          kernels.countIndices(indices, counts);
        });
  }

  @Override
  public void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    updates.listRows(counts, rows, rowCount);
    operations.run("list_rows", () -> kernels.listRows(counts, rows, rowCount));
  }

  @Override
  public void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    updates.zeroRows(rows, rowCount, table);
    operations.run(
        "zero_rows",
        () -> {
          indexChecks.list("zero_rows", rows, rowCount, table.shape().rows());
          kernels.zeroRows(rows, rowCount, table);
        });
  }
}
