// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.host.HostTensor;

/** The same bits with any number of threads, on extents that leave remainders everywhere. */
class MemoryThreadsTest {
  private static final int POSITIONS = 330;
  private static final int SLOTS = 5;
  private static final int SUB_KEYS = 33;
  private static final int ENTRIES = SUB_KEYS * SUB_KEYS;

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    List<int[]> single = results(1);
    for (int threads : new int[] {2, 3}) {
      List<int[]> several = results(threads);
      assertThat(several).hasSameSizeAs(single);
      for (int i = 0; i < single.size(); i++) {
        assertThat(several.get(i))
            .as("result %d with %d threads", i, threads)
            .isEqualTo(single.get(i));
      }
    }
  }

  private static List<int[]> results(int threads) {
    try (TestHost host = new TestHost(threads)) {
      List<int[]> results = new ArrayList<>();
      Random random = new Random(17);
      HostTensor indices = host.indices(random, 40, POSITIONS, SLOTS);
      reads(host, random, indices, results);
      selection(host, random, results);
      fusion(host, random, results);
      updates(host, random, indices, results);
      return results;
    }
  }

  private static void reads(TestHost host, Random random, HostTensor indices, List<int[]> results) {
    HostTensor rows = host.random(random, POSITIONS, SLOTS, 37);
    HostTensor table = host.random(random, ENTRIES, 37);
    host.kernels.scatterAddRows(rows, indices, table);
    results.add(TestHost.ints(table));
    HostTensor bank = host.indices(random, 60, ENTRIES, 7);
    HostTensor embeddings = host.random(random, 60, 37);
    host.kernels.decodeTokenMemory(embeddings, bank, indices, rows);
    results.add(TestHost.ints(rows));
    host.kernels.decodeTokenMemoryBackward(rows, bank, indices, embeddings);
    results.add(TestHost.ints(embeddings));
  }

  private static void selection(TestHost host, Random random, List<int[]> results) {
    int heads = 2;
    HostTensor queries = host.random(random, POSITIONS, heads * 22);
    HostTensor keys = host.random(random, heads, 2, SUB_KEYS, 11);
    HostTensor indices = host.ints(POSITIONS, heads, SLOTS);
    HostTensor weights = host.floats(POSITIONS, heads, SLOTS);
    HostTensor logs = host.floats(POSITIONS, heads, 2);
    HostTensor share = host.floats(heads, 2, SUB_KEYS);
    HostTensor mean = host.floats(heads, 2, SUB_KEYS);
    host.kernels.productKeyTopK(queries, keys, null, indices, weights, logs, share, mean);
    HostTensor dLogWeights = host.random(random, POSITIONS, heads, SLOTS);
    HostTensor dQueries = host.floats(POSITIONS, heads * 22);
    HostTensor dKeys = host.random(random, heads, 2, SUB_KEYS, 11);
    host.kernels.productKeyBackward(
        queries, keys, null, indices, weights, dLogWeights, logs, share, 3f, dQueries, dKeys);
    for (HostTensor result :
        new HostTensor[] {indices, weights, logs, share, mean, dQueries, dKeys}) {
      results.add(TestHost.ints(result));
    }
    host.kernels.productKeyBackward(
        queries, keys, null, indices, weights, dLogWeights, null, null, 0f, dQueries, dKeys);
    results.add(TestHost.ints(dQueries));
    results.add(TestHost.ints(dKeys));
  }

  private static void fusion(TestHost host, Random random, List<int[]> results) {
    HostTensor q = host.random(random, POSITIONS, 19);
    HostTensor reads = host.random(random, POSITIONS, SLOTS, 37);
    HostTensor weights = host.whole(random, 3, POSITIONS, SLOTS);
    HostTensor z = host.floats(POSITIONS, 19 + SLOTS * 37);
    host.kernels.concatWeighted(q, reads, weights, z);
    HostTensor dReads = host.floats(POSITIONS, SLOTS, 37);
    HostTensor dLogWeights = host.floats(POSITIONS, SLOTS);
    host.kernels.concatWeightedBackward(z, z, weights, Accumulation.ADD, q, dReads, dLogWeights);
    results.add(TestHost.ints(q));
    results.add(TestHost.ints(dReads));
    results.add(TestHost.ints(dLogWeights));
    HostTensor sum = host.floats(POSITIONS, 37);
    host.kernels.weightedSum(reads, weights, sum);
    host.kernels.weightedSumBackward(sum, reads, weights, dReads, dLogWeights);
    results.add(TestHost.ints(sum));
    results.add(TestHost.ints(dReads));
    results.add(TestHost.ints(dLogWeights));
    bags(host, random, weights, results);
    concats(host, random, weights, results);
    HostTensor queries = host.random(random, POSITIONS, 3, 37);
    HostTensor out = host.floats(POSITIONS, 3, 37);
    HostTensor probabilities = host.floats(POSITIONS, 3, SLOTS);
    host.kernels.entryAttention(queries, reads, weights, 0.2f, out, probabilities);
    host.kernels.entryAttentionBackward(
        out, queries, reads, weights, 0.2f, probabilities, queries, dReads, dLogWeights);
    for (HostTensor result : new HostTensor[] {out, probabilities, queries, dReads, dLogWeights}) {
      results.add(TestHost.ints(result));
    }
  }

  private static void bags(TestHost host, Random random, HostTensor weights, List<int[]> results) {
    HostTensor indices = host.indices(random, 40, POSITIONS, SLOTS);
    HostTensor table = host.random(random, 40, 37);
    HostTensor sum = host.floats(POSITIONS, 37);
    host.kernels.embeddingBag(table, indices, weights, sum);
    HostTensor dTable = host.random(random, 40, 37);
    HostTensor dLogWeights = host.floats(POSITIONS, SLOTS);
    host.kernels.embeddingBagBackward(sum, table, indices, weights, dTable, dLogWeights);
    for (HostTensor result : new HostTensor[] {sum, dTable, dLogWeights}) {
      results.add(TestHost.ints(result));
    }
  }

  private static void concats(
      TestHost host, Random random, HostTensor weights, List<int[]> results) {
    HostTensor q = host.random(random, POSITIONS, 19);
    HostTensor table = host.random(random, 40, 37);
    HostTensor bank = host.indices(random, 40, ENTRIES, 7);
    HostTensor indices = host.indices(random, ENTRIES, POSITIONS, SLOTS);
    HostTensor rows = host.indices(random, 40, POSITIONS, SLOTS);
    HostTensor order = host.ints(POSITIONS * SLOTS);
    HostTensor z = host.floats(POSITIONS, 19 + SLOTS * 37);
    HostTensor dq = host.floats(POSITIONS, 19);
    HostTensor dLogWeights = host.floats(POSITIONS, SLOTS);
    host.kernels.concatTokens(q, table, bank, indices, weights, z, order);
    results.add(TestHost.ints(z));
    results.add(TestHost.ints(order));
    host.kernels.concatTokensBackward(
        z, z, bank, indices, weights, order, Accumulation.REPLACE, dq, table, dLogWeights);
    results.add(TestHost.ints(table));
    results.add(TestHost.ints(dLogWeights));
    host.kernels.concatRows(q, table, rows, weights, z);
    host.kernels.concatRowsBackward(z, z, rows, weights, Accumulation.ADD, dq, table, dLogWeights);
    for (HostTensor result : new HostTensor[] {z, dq, table, dLogWeights}) {
      results.add(TestHost.ints(result));
    }
  }

  private static void updates(
      TestHost host, Random random, HostTensor indices, List<int[]> results) {
    long selections = indices.elementCount();
    HostTensor order = host.indices(random, 1, selections);
    HostTensor entries = host.indices(random, 1, selections);
    HostTensor starts = host.indices(random, 1, selections + 1);
    int groups = host.kernels.groupSelections(indices, ENTRIES, 3, order, entries, starts);
    results.add(TestHost.ints(order));
    results.add(TestHost.ints(entries));
    results.add(TestHost.ints(starts));
    HostTensor features = host.random(random, POSITIONS, 37);
    HostTensor means = host.floats(groups, 37);
    HostTensor counts = host.floats(groups);
    host.kernels.scatterMean(features, null, order, starts, 0, SLOTS, 33, 2, means, counts);
    results.add(TestHost.ints(means));
    results.add(TestHost.ints(counts));
    HostTensor embeddings = host.random(random, 600, 37);
    host.kernels.scaleToMeanNorm(embeddings, means);
    results.add(TestHost.ints(means));
    HostTensor tokens = host.indices(random, 600, groups, 7);
    host.kernels.nearestToken(embeddings, tokens, counts, means, tokens);
    results.add(TestHost.ints(tokens));
    HostTensor bank = host.indices(random, 600, ENTRIES, 7);
    HostTensor inputIds = host.indices(random, 600, 10, 33);
    host.kernels.episodicTokens(order, entries, starts, groups, inputIds, SLOTS, 0.7f, 5, 99, bank);
    results.add(TestHost.ints(bank));
  }
}
