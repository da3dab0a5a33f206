// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mneme.compute.conformance.reference.FiniteDifference.check;
import static org.mneme.compute.conformance.reference.FiniteDifference.dot;
import static org.mneme.compute.conformance.reference.FiniteDifference.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The references of the memory gradients, held to differences of the references forward. */
class MemoryGradientTest {
  private static final int ROWS = 3;
  private static final int SLOTS = 2;
  private static final int WIDTH = 4;

  private final double[] reads = values(ROWS * SLOTS * WIDTH, 1);
  private final double[] logWeights = values(ROWS * SLOTS, 2);
  private final double[] weights = exp(logWeights);

  private static double[] exp(double[] logs) {
    return Arrays.stream(logs).map(Math::exp).toArray();
  }

  @Test
  void rows() {
    double[] table = values(5 * 3, 3);
    int[] indices = {4, 0, 4, 4};
    double[] dOut = values(4 * 3, 4);
    double[] gradient = RowReference.blend(new double[15], 1, 1, dOut, indices, 3);
    check("table", gradient, table, v -> dot(dOut, RowReference.gather(v, indices, 3)));
  }

  @Test
  void decodedTokens() {
    double[] embeddings = values(6 * 3, 5);
    int[] bank = {0, 5, 5, 2, 1, 0};
    int[] indices = {2, 2, 0};
    double[] dOut = values(3 * 3, 6);
    check(
        "embeddings",
        RowReference.decodeBackward(dOut, 3, bank, 2, indices, new double[18]),
        embeddings,
        v -> dot(dOut, RowReference.decode(v, 3, bank, 2, indices)));
  }

  @Test
  void placeWeights() {
    int[] kinds = {1, 0, 3, 2, 7, 1};
    double[] logits = values(ROWS * SLOTS * 2, 21);
    double[] bias = values(SLOTS * 2 * 3, 22);
    double[] dOut = values(logits.length, 23);
    double[] at = ContextReference.weights(logits, kinds, bias, SLOTS).weights();
    double[] dLog = new double[at.length];
    Arrays.setAll(dLog, i -> dOut[i] * at[i]);
    ContextReference.Gradient gradient =
        ContextReference.weightsBackward(dLog, kinds, at, SLOTS, new double[bias.length]);
    check(
        "logits",
        gradient.dLogits(),
        logits,
        v -> dot(dOut, ContextReference.weights(v, kinds, bias, SLOTS).weights()));
    check(
        "bias",
        gradient.dBias(),
        bias,
        v -> dot(dOut, ContextReference.weights(logits, kinds, v, SLOTS).weights()));
  }

  @Test
  void concat() {
    double[] q = values(ROWS * 3, 7);
    double[] dz = values(ROWS * (3 + SLOTS * WIDTH), 8);
    double[] z = ReadReference.concat(q, 3, reads, WIDTH, weights, SLOTS);
    ReadReference.Gradient gradient = ReadReference.concatBackward(dz, z, 3, WIDTH, weights, SLOTS);
    check(
        "q",
        gradient.dq(),
        q,
        v -> dot(dz, ReadReference.concat(v, 3, reads, WIDTH, weights, SLOTS)));
    check(
        "reads",
        gradient.dReads(),
        reads,
        v -> dot(dz, ReadReference.concat(q, 3, v, WIDTH, weights, SLOTS)));
    check(
        "log weights",
        gradient.dLogWeights(),
        logWeights,
        v -> dot(dz, ReadReference.concat(q, 3, reads, WIDTH, exp(v), SLOTS)));
  }

  @Test
  void concatOfRows() {
    ConcatReference.Sizes sizes = new ConcatReference.Sizes(3, WIDTH, SLOTS, 1);
    double[] q = values(ROWS * 3, 17);
    double[] table = values(4 * WIDTH, 18);
    int[] indices = {3, 0, 3, 3, 1, 0};
    double[] dz = values(ROWS * (3 + SLOTS * WIDTH), 19);
    double[] z = ConcatReference.rows(sizes, q, table, indices, weights);
    ConcatReference.Gradient gradient =
        ConcatReference.rowsBackward(sizes, dz, z, indices, weights, new double[table.length]);
    check(
        "q",
        gradient.dq(),
        q,
        v -> dot(dz, ConcatReference.rows(sizes, v, table, indices, weights)));
    check(
        "table",
        gradient.dSource(),
        table,
        v -> dot(dz, ConcatReference.rows(sizes, q, v, indices, weights)));
    check(
        "log weights",
        gradient.dLogWeights(),
        logWeights,
        v -> dot(dz, ConcatReference.rows(sizes, q, table, indices, exp(v))));
  }

  @Test
  void concatOfTokens() {
    ConcatReference.Sizes sizes = new ConcatReference.Sizes(3, WIDTH, SLOTS, 3);
    double[] q = values(ROWS * 3, 20);
    double[] embeddings = values(5 * WIDTH, 21);
    int[] bank = {4, 4, 1, 0, 2, 4};
    int[] indices = {1, 0, 1, 1, 0, 0};
    double[] dz = values(ROWS * (3 + SLOTS * WIDTH), 22);
    double[] z = ConcatReference.tokens(sizes, q, embeddings, bank, indices, weights);
    ConcatReference.Gradient gradient =
        ConcatReference.tokensBackward(
            sizes, dz, z, bank, indices, weights, new double[embeddings.length]);
    check(
        "embeddings",
        gradient.dSource(),
        embeddings,
        v -> dot(dz, ConcatReference.tokens(sizes, q, v, bank, indices, weights)));
    check(
        "log weights",
        gradient.dLogWeights(),
        logWeights,
        v -> dot(dz, ConcatReference.tokens(sizes, q, embeddings, bank, indices, exp(v))));
  }

  @Test
  void weightedSum() {
    double[] dOut = values(ROWS * WIDTH, 9);
    ReadReference.Gradient gradient =
        ReadReference.weightedSumBackward(dOut, reads, WIDTH, weights, SLOTS);
    check(
        "reads",
        gradient.dReads(),
        reads,
        v -> dot(dOut, ReadReference.weightedSum(v, WIDTH, weights, SLOTS)));
    check(
        "log weights",
        gradient.dLogWeights(),
        logWeights,
        v -> dot(dOut, ReadReference.weightedSum(reads, WIDTH, exp(v), SLOTS)));
  }

  @Test
  void embeddingBag() {
    double[] table = values(5 * WIDTH, 17);
    int[] indices = {4, 0, 4, 4, 1, 3};
    double[] dOut = values(ROWS * WIDTH, 18);
    ReadReference.BagGradient gradient =
        ReadReference.embeddingBagBackward(
            dOut, table, WIDTH, indices, weights, SLOTS, new double[table.length]);
    check(
        "table",
        gradient.dTable(),
        table,
        v -> dot(dOut, ReadReference.embeddingBag(v, WIDTH, indices, weights, SLOTS)));
    check(
        "log weights",
        gradient.dLogWeights(),
        logWeights,
        v -> dot(dOut, ReadReference.embeddingBag(table, WIDTH, indices, exp(v), SLOTS)));
  }

  @Test
  void entryAttention() {
    double[] queries = values(ROWS * 2 * WIDTH, 10);
    double[] dOut = values(queries.length, 11);
    double[] logs = logWeights.clone();
    logs[3] = Math.log(1e-11);
    double[] least = exp(logs);
    ReadReference.Gradient gradient =
        ReadReference.entryAttentionBackward(dOut, queries, 2, reads, WIDTH, least, SLOTS, 0.7);
    check("queries", gradient.dq(), queries, v -> entryLoss(dOut, v, reads, least));
    check("reads", gradient.dReads(), reads, v -> entryLoss(dOut, queries, v, least));
    check(
        "log weights", gradient.dLogWeights(), logs, v -> entryLoss(dOut, queries, reads, exp(v)));
    assertThat(gradient.dLogWeights()[3]).isZero();
  }

  private static double entryLoss(double[] dOut, double[] q, double[] reads, double[] weights) {
    return dot(dOut, ReadReference.entryAttention(q, 2, reads, WIDTH, weights, SLOTS, 0.7).out());
  }

  /** The weights and the balance loss together; the selection and the share stay fixed. */
  @Test
  void productKeys() {
    ProductKeyReference gate = new ProductKeyReference(3, 2, 4, 3, 2);
    double[] queries = values(3 * 2 * 2 * 3, 12);
    double[] keys = values(2 * 2 * 4 * 3, 13);
    double[] scores = gate.scores(queries, keys);
    int[] indices = gate.indices(scores);
    double[] selected = gate.weights(scores, indices);
    double[] share = gate.share(indices);
    double[] dWeights = values(selected.length, 14);
    double[] dLogWeights = new double[selected.length];
    Arrays.setAll(dLogWeights, i -> selected[i] * dWeights[i]);
    double factor = 2.5;
    ProductKeyReference.Gradient gradient =
        gate.backward(queries, keys, indices, selected, dLogWeights, share, factor);
    check(
        "queries",
        gradient.dQueries(),
        queries,
        v -> loss(gate, gate.scores(v, keys), indices, dWeights, share, factor));
    check(
        "keys",
        gradient.dKeys(),
        keys,
        v -> loss(gate, gate.scores(queries, v), indices, dWeights, share, factor));
  }

  private static double loss(
      ProductKeyReference gate,
      double[] scores,
      int[] indices,
      double[] dWeights,
      double[] share,
      double factor) {
    double balance = ProductKeyReference.balance(share, gate.meanProbability(scores), gate.n());
    return dot(dWeights, gate.weights(scores, indices)) + factor * balance;
  }

  @Test
  void everyPositionSharesOutItsSelections() {
    ProductKeyReference gate = new ProductKeyReference(5, 2, 4, 3, 3);
    double[] scores = gate.scores(values(60, 15), values(48, 16));
    double[] share = gate.share(gate.indices(scores));
    assertThat(Arrays.stream(share).sum()).isCloseTo(4, within(1e-12));
    assertThat(Arrays.stream(gate.meanProbability(scores)).sum()).isCloseTo(4, within(1e-12));
  }
}
