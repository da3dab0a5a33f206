// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ContextReference;
import org.mneme.compute.conformance.reference.ContextReference.Addresses;
import org.mneme.compute.conformance.reference.ContextReference.Bank;

/** Memory entries addressed by the tokens before a position. */
public abstract class ContextConformance extends DeviceTestCase {
  /** B, T, S, M, K; few entries, so that contexts collide. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1, 1, 1},
          new int[] {3, 17, 2, 7, 3},
          new int[] {5, 61, 5, 97, 4},
          new int[] {2, 300, 3, 10_007, 8},
          new int[] {0, 5, 2, 3, 2});

  private static final int[] LENGTHS = {1, 2, 3, 4, 6};

  /** Sequences, their addresses, and a bank in which some contexts own their entries. */
  private static final class Case {
    final int sequences;
    final int sequence;
    final int slots;
    final int entries;
    final int places;
    final int[] ids;
    final int[] sources;
    final int[] lengths;
    final Addresses addresses;
    final Bank bank;

    Case(int[] size) {
      sequences = size[0];
      sequence = size[1];
      slots = size[2];
      entries = size[3];
      places = size[4];
      Numbers numbers = new Numbers(sequence + 31L * slots);
      ids = numbers.indices(sequences * sequence, 5);
      // Some not known, some twice.
      sources = numbers.indices(ids.length, 1 + ids.length / 2);
      lengths = Arrays.copyOf(LENGTHS, slots);
      addresses = ContextReference.addresses(ids, sequence, lengths, entries);
      bank = bank(numbers);
    }

    /**
     * A third of the entries empty; of the others many belong to a context that occurs, and some
     * have tokens from where it occurs.
     */
    private Bank bank(Numbers numbers) {
      int[] tokens = numbers.indices(entries * places, 5);
      int[] owners = numbers.indices(entries, 1000);
      int[] votes = numbers.indices(entries, 4);
      int[] origins = numbers.indices(entries, 1 + ids.length);
      for (int i = 0; i < addresses.indices().length; i += 2) {
        owners[addresses.indices()[i]] = addresses.tags()[i];
        if (i % 3 == 0) {
          origins[addresses.indices()[i]] = sources[i / slots];
        }
      }
      for (int e = 0; e < entries; e += 3) {
        votes[e] = 0;
      }
      return new Bank(tokens, owners, votes, origins);
    }

    Bank ofUnknownOrigin() {
      return new Bank(bank.tokens(), bank.owners(), bank.votes(), new int[entries]);
    }

    int positions() {
      return sequences * sequence;
    }
  }

  @Test
  void addresses() {
    for (int[] size : SIZES) {
      Case c = new Case(size);
      try (Trial trial = trial("context_addresses", Arrays.toString(size))) {
        Tensor ids = trial.input("ids", c.ids, c.sequences, c.sequence);
        Tensor lengths = trial.input("lengths", c.lengths, c.slots);
        Tensor indices = trial.output("indices", I32, c.positions(), c.slots);
        Tensor tags = trial.output("tags", I32, c.positions(), c.slots);
        trial
            .run(() -> device.context().contextAddresses(ids, lengths, c.entries, indices, tags))
            .expect(indices, c.addresses.indices())
            .expect(tags, c.addresses.tags());
      }
    }
  }

  @Test
  void contextsAreTheTokensUpToAPositionAndNothingElse() {
    int[] ids = {1, 2, 3, 1, 2, 3, 9, 2, 3};
    Addresses all = ContextReference.addresses(ids, 9, new int[] {2}, 1 << 30);
    assertThat(all.indices()[2]).isEqualTo(all.indices()[5]).isEqualTo(all.indices()[8]);
    assertThat(all.tags()[2]).isEqualTo(all.tags()[5]);
    assertThat(all.indices()[0])
        .as("before the sequence is no token")
        .isNotEqualTo(all.indices()[3]);
  }

  @Test
  void lookUp() {
    for (int[] size : SIZES) {
      lookUp(size, false);
      lookUp(size, true);
    }
  }

  private void lookUp(int[] size, boolean located) {
    Case c = new Case(size);
    ContextReference.Found wanted =
        ContextReference.lookUp(
            located ? c.bank : c.ofUnknownOrigin(),
            c.addresses.indices(),
            c.addresses.tags(),
            c.sources);
    try (Trial trial = trial("look_up_contexts", Arrays.toString(size), located)) {
      Tensor bank = trial.input("bank", c.bank.tokens(), c.entries, c.places);
      Tensor owners = trial.input("owners", c.bank.owners(), c.entries);
      Tensor votes = trial.input("votes", c.bank.votes(), c.entries);
      Tensor origins = located ? trial.input("origins", c.bank.origins(), c.entries) : null;
      Tensor indices = trial.input("indices", c.addresses.indices(), c.positions(), c.slots);
      Tensor tags = trial.input("tags", c.addresses.tags(), c.positions(), c.slots);
      Tensor sources = located ? trial.input("sources", c.sources, c.positions()) : null;
      Tensor tokens = trial.output("tokens", I32, c.positions(), (long) c.slots * c.places);
      Tensor kinds = trial.output("kinds", I32, c.positions(), c.slots);
      trial
          .run(
              () ->
                  device
                      .context()
                      .lookUpContexts(
                          bank, owners, votes, origins, indices, tags, sources, tokens, kinds))
          .expect(tokens, wanted.tokens())
          .expect(kinds, wanted.kinds());
    }
  }

  /** N, S, K, C. */
  private static final List<int[]> WEIGHT_SIZES =
      List.of(
          new int[] {1, 1, 1, 1},
          new int[] {7, 2, 3, 2},
          new int[] {131, 5, 4, 16},
          new int[] {513, 3, 17, 3},
          new int[] {300, 40, 1, 5},
          new int[] {0, 2, 2, 2});

  @ParameterizedTest
  @MethodSource("floating")
  void placeWeights(DType dtype) {
    for (int[] size : WEIGHT_SIZES) {
      int columns = size[1] * size[2];
      Numbers numbers = new Numbers(size[0] + 3);
      double[] logits = numbers.values(dtype, size[0] * columns);
      int[] kinds = numbers.indices(size[0] * size[1], size[3] + 3);
      double[] bias = numbers.values(F32, columns * size[3]);
      ContextReference.Weights wanted = ContextReference.weights(logits, kinds, bias, size[1]);
      try (Trial trial = trial("place_weights", dtype, Arrays.toString(size))) {
        Tensor x = trial.input("logits", dtype, logits, size[0], columns);
        Tensor k = trial.input("kinds", kinds, size[0], size[1]);
        Tensor b = trial.input("bias", F32, bias, columns, size[3]);
        Tensor weights = trial.output("weights", F32, size[0], columns);
        Tensor sums = trial.output("slotWeights", F32, size[0], size[1]);
        trial
            .run(() -> device.context().placeWeights(x, k, b, weights, sums))
            .expect(weights, wanted.weights(), Tolerance.elementwise(F32))
            .expect(sums, wanted.slotWeights(), Tolerance.sum(F32));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void placeWeightsBackward(DType dtype) {
    for (int[] size : WEIGHT_SIZES) {
      placeWeightsBackward(dtype, size, true);
      placeWeightsBackward(dtype, size, false);
    }
  }

  private void placeWeightsBackward(DType dtype, int[] size, boolean learned) {
    int columns = size[1] * size[2];
    Numbers numbers = new Numbers(size[0] + 5);
    double[] dLogWeights = numbers.values(F32, size[0] * columns);
    double[] weights = numbers.between(F32, size[0] * columns, 0, 1);
    int[] kinds = numbers.indices(size[0] * size[1], size[3] + 3);
    double[] dBias = numbers.values(F32, columns * size[3]);
    ContextReference.Gradient wanted =
        ContextReference.weightsBackward(dLogWeights, kinds, weights, size[1], dBias);
    try (Trial trial = trial("place_weights_backward", dtype, Arrays.toString(size), learned)) {
      Tensor d = trial.input("dLogWeights", F32, dLogWeights, size[0], columns);
      Tensor k = trial.input("kinds", kinds, size[0], size[1]);
      Tensor w = trial.input("weights", F32, weights, size[0], columns);
      Tensor dLogits = trial.output("dLogits", dtype, size[0], columns);
      Tensor bias = learned ? trial.inOut("dBias", F32, dBias, columns, size[3]) : null;
      trial
          .run(() -> device.context().placeWeightsBackward(d, k, w, dLogits, bias))
          .expect(dLogits, wanted.dLogits(), Tolerance.elementwise(dtype));
      if (learned) {
        trial.expect(bias, wanted.dBias(), Tolerance.sum(F32));
      }
    }
  }

  @Test
  void remember() {
    for (int[] size : SIZES) {
      Case c = new Case(size);
      remember(c, new ContextReference.Rules(0, 16, -1), false);
      remember(c, new ContextReference.Rules(0, 16, -1), true);
      remember(c, new ContextReference.Rules(c.entries / 2, 2, 3), true);
      remember(c, new ContextReference.Rules(0, 1, 0), false);
    }
  }

  private void remember(Case c, ContextReference.Rules rules, boolean located) {
    Bank before = located ? c.bank : c.ofUnknownOrigin();
    Bank wanted =
        ContextReference.remember(before, c.ids, c.sources, c.sequence, c.addresses, rules);
    int[] none = new int[c.entries];
    Arrays.fill(none, -1);
    try (Trial trial =
        trial("remember_contexts", c.sequences, c.sequence, c.entries, rules, located)) {
      Tensor ids = trial.input("ids", c.ids, c.sequences, c.sequence);
      Tensor indices = trial.input("indices", c.addresses.indices(), c.positions(), c.slots);
      Tensor tags = trial.input("tags", c.addresses.tags(), c.positions(), c.slots);
      Tensor latest = trial.inOut("latest", I32, Numbers.doubles(none), c.entries);
      Tensor bank = trial.inOut("bank", I32, Numbers.doubles(c.bank.tokens()), c.entries, c.places);
      Tensor owners = trial.inOut("owners", I32, Numbers.doubles(c.bank.owners()), c.entries);
      Tensor votes = trial.inOut("votes", I32, Numbers.doubles(c.bank.votes()), c.entries);
      Tensor sources = located ? trial.input("sources", c.sources, c.positions()) : null;
      Tensor origins =
          located
              ? trial.inOut("origins", I32, Numbers.doubles(c.bank.origins()), c.entries)
              : null;
      trial
          .run(
              () ->
                  device
                      .context()
                      .rememberContexts(
                          ids,
                          indices,
                          tags,
                          sources,
                          rules.firstRow(),
                          rules.mostVotes(),
                          rules.excludedToken(),
                          latest,
                          bank,
                          owners,
                          votes,
                          origins))
          .expect(bank, wanted.tokens())
          .expect(owners, wanted.owners())
          .expect(votes, wanted.votes())
          .expect(latest, none);
      if (located) {
        trial.expect(origins, wanted.origins());
      }
    }
  }
}
