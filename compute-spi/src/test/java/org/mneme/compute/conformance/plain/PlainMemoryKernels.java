// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.add;
import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.flags;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.ints;
import static org.mneme.compute.conformance.plain.PlainDevice.put;
import static org.mneme.compute.conformance.plain.PlainDevice.rows;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ConcatReference;
import org.mneme.compute.conformance.reference.ProductKeyReference;
import org.mneme.compute.conformance.reference.ReadReference;
import org.mneme.compute.conformance.reference.RowReference;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.MemoryKernels;

/** Memory operations by the references. */
final class PlainMemoryKernels implements MemoryKernels {
  private final PlainUpdates updates = new PlainUpdates();

  @Override
  public void gatherRows(Tensor table, Tensor indices, Tensor out) {
    put(out, RowReference.gather(get(table), ints(indices), columns(table)));
  }

  @Override
  public void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    blend(table, 0, 1, rows, indices);
  }

  @Override
  public void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    blend(table, 1, 1, rows, indices);
  }

  @Override
  public void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    blend(table, keep, 1.0 - keep, rows, indices);
  }

  private static void blend(Tensor table, double keep, double take, Tensor rows, Tensor indices) {
    int width = columns(table);
    put(table, RowReference.blend(get(table), keep, take, get(rows), ints(indices), width));
  }

  @Override
  public void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    int width = columns(embeddings);
    put(out, RowReference.decode(get(embeddings), width, ints(bank), columns(bank), ints(indices)));
  }

  @Override
  public void decodeTokenMemoryBackward(
      Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    put(
        dEmbeddings,
        RowReference.decodeBackward(
            get(dOut), columns(dOut), ints(bank), columns(bank), ints(indices), get(dEmbeddings)));
  }

  private static ProductKeyReference gate(Tensor queries, Tensor keys, Tensor indices) {
    return new ProductKeyReference(
        rows(queries),
        (int) keys.shape().extent(0),
        (int) keys.shape().extent(2),
        columns(keys),
        columns(indices));
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
    ProductKeyReference gate = gate(queries, keys, indices).masked(flags(valid));
    double[] scores = gate.scores(get(queries), get(keys));
    int[] selected = gate.indices(scores);
    put(indices, selected);
    put(weights, gate.weights(scores, selected));
    if (share != null) {
      put(logSumExp, gate.logSumExp(scores));
      put(share, gate.share(selected));
      put(meanProbability, gate.meanProbability(scores));
    }
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
    ProductKeyReference.Gradient gradient =
        gate(queries, keys, indices)
            .masked(flags(valid))
            .backward(
                get(queries),
                get(keys),
                ints(indices),
                get(weights),
                get(dLogWeights),
                share == null ? null : get(share),
                balanceFactor);
    put(dQueries, gradient.dQueries());
    add(dKeys, gradient.dKeys());
  }

  @Override
  public void balanceLoss(Tensor share, Tensor meanProbability, float factor, Tensor out) {
    double sum = ProductKeyReference.balance(get(share), get(meanProbability), columns(share));
    add(out, new double[] {factor * sum});
  }

  @Override
  public void concatWeighted(Tensor q, Tensor reads, Tensor weights, Tensor z) {
    put(
        z,
        ReadReference.concat(
            get(q), columns(q), get(reads), columns(reads), get(weights), columns(weights)));
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
    ReadReference.Gradient gradient =
        ReadReference.concatBackward(
            get(dz), get(z), columns(dq), columns(dReads), get(weights), columns(weights));
    if (mode == Accumulation.ADD) {
      add(dq, gradient.dq());
    } else {
      put(dq, gradient.dq());
    }
    put(dReads, gradient.dReads());
    put(dLogWeights, gradient.dLogWeights());
  }

  private static ConcatReference.Sizes sizes(Tensor q, Tensor z, Tensor weights, int places) {
    int width = (columns(z) - columns(q)) / columns(weights);
    return new ConcatReference.Sizes(columns(q), width, columns(weights), places);
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
    ConcatReference.Sizes sizes = sizes(q, z, weights, columns(bank));
    int[] entries = ints(indices);
    put(
        z,
        ConcatReference.tokens(sizes, get(q), get(embeddings), ints(bank), entries, get(weights)));
    put(
        order,
        IntStream.range(0, entries.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> entries[i]))
            .mapToInt(i -> i)
            .toArray());
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
    ConcatReference.Sizes sizes = sizes(dq, dz, weights, columns(bank));
    int vocabulary = 1 + Arrays.stream(ints(bank)).max().orElse(0);
    double[] old = dEmbeddings == null ? new double[vocabulary * sizes.width()] : get(dEmbeddings);
    ConcatReference.Gradient gradient =
        ConcatReference.tokensBackward(
            sizes, get(dz), get(z), ints(bank), ints(indices), get(weights), old);
    write(gradient, mode, dq, dEmbeddings, dLogWeights);
  }

  @Override
  public void concatRows(Tensor q, Tensor table, Tensor indices, Tensor weights, Tensor z) {
    ConcatReference.Sizes sizes = sizes(q, z, weights, 1);
    put(z, ConcatReference.rows(sizes, get(q), get(table), ints(indices), get(weights)));
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
    ConcatReference.Sizes sizes = sizes(dq, dz, weights, 1);
    int entries = 1 + Arrays.stream(ints(indices)).max().orElse(0);
    double[] old = dTable == null ? new double[entries * sizes.width()] : get(dTable);
    ConcatReference.Gradient gradient =
        ConcatReference.rowsBackward(sizes, get(dz), get(z), ints(indices), get(weights), old);
    write(gradient, mode, dq, dTable, dLogWeights);
  }

  private static void write(
      ConcatReference.Gradient gradient,
      Accumulation mode,
      Tensor dq,
      Tensor dSource,
      Tensor dLogWeights) {
    if (mode == Accumulation.ADD) {
      add(dq, gradient.dq());
    } else {
      put(dq, gradient.dq());
    }
    if (dSource != null) {
      put(dSource, gradient.dSource());
    }
    put(dLogWeights, gradient.dLogWeights());
  }

  @Override
  public void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    put(out, ReadReference.weightedSum(get(reads), columns(reads), get(weights), columns(weights)));
  }

  @Override
  public void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    ReadReference.Gradient gradient =
        ReadReference.weightedSumBackward(
            get(dOut), get(reads), columns(reads), get(weights), columns(weights));
    put(dReads, gradient.dReads());
    put(dLogWeights, gradient.dLogWeights());
  }

  @Override
  public void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    put(
        out,
        ReadReference.embeddingBag(
            get(table), columns(table), ints(indices), get(weights), columns(weights)));
  }

  @Override
  public void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    double[] rows = get(table);
    ReadReference.BagGradient gradient =
        ReadReference.embeddingBagBackward(
            get(dOut),
            rows,
            columns(table),
            ints(indices),
            get(weights),
            columns(weights),
            dTable == null ? new double[rows.length] : get(dTable));
    put(dLogWeights, gradient.dLogWeights());
    if (dTable != null) {
      put(dTable, gradient.dTable());
    }
  }

  @Override
  public void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, float scale, Tensor out, Tensor probabilities) {
    ReadReference.EntryAttention attention =
        ReadReference.entryAttention(
            get(queries),
            (int) queries.shape().extent(1),
            get(reads),
            columns(reads),
            get(weights),
            columns(weights),
            scale);
    put(out, attention.out());
    put(probabilities, attention.probabilities());
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
    ReadReference.Gradient gradient =
        ReadReference.entryAttentionBackward(
            get(dOut),
            get(queries),
            (int) queries.shape().extent(1),
            get(reads),
            columns(reads),
            get(weights),
            columns(weights),
            scale);
    put(dQueries, gradient.dq());
    put(dReads, gradient.dReads());
    put(dLogWeights, gradient.dLogWeights());
  }

  @Override
  public void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    updates.maskSelections(indices, valid, out);
  }

  @Override
  public int groupSelections(
      Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    return updates.groupSelections(indices, firstRow, order, entries, starts);
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
  }

  @Override
  public void scaleToMeanNorm(Tensor reference, Tensor x) {
    updates.scaleToMeanNorm(reference, x);
  }

  @Override
  public void nearestToken(
      Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    updates.nearestToken(embeddings, tokens, keep, features, out);
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
        order, entries, starts, groups, inputIds, slots, probability, excludedToken, seed, bank);
  }

  @Override
  public void countIndices(Tensor indices, Tensor counts) {
    int[] counted = ints(counts);
    Arrays.stream(ints(indices)).filter(index -> index >= 0).forEach(index -> counted[index]++);
    put(counts, counted);
  }

  @Override
  public void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    int[] counted = ints(counts);
    int[] used = IntStream.range(0, counted.length).filter(r -> counted[r] > 0).toArray();
    put(rows, Arrays.copyOf(used, counted.length));
    put(rowCount, new int[] {used.length});
  }

  @Override
  public void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    int[] listed = Arrays.copyOf(ints(rows), ints(rowCount)[0]);
    int width = columns(table);
    double[] zeros = new double[listed.length * width];
    put(table, RowReference.blend(get(table), 0, 0, zeros, listed, width));
  }
}
