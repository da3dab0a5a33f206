// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.I32;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.UpdateReference;

/**
 * Entries that take phrases they were chosen for. The hash is the provider's own, so that what is
 * tested is what it may choose, how often, and that it repeats.
 */
public abstract class EpisodicConformance extends DeviceTestCase {
  private static final int BATCH = 5;
  private static final int SEQUENCE = 31;
  private static final int SLOTS = 3;
  private static final int LAYERS = 2;
  private static final int ENTRIES = 97;
  private static final int TOKENS = 4;
  private static final int EXCLUDED = 6;

  private final int[] inputIds = new Numbers(1).indices(BATCH * SEQUENCE, 40);
  private final int[] indices = new Numbers(2).indices(LAYERS * BATCH * SEQUENCE * SLOTS, ENTRIES);
  private final int[] bank = new Numbers(3).indices(ENTRIES * TOKENS, 40);

  private int[] update(int[] selected, int firstRow, float probability, int excluded, long seed) {
    TreeMap<Integer, List<Integer>> groups = UpdateReference.group(selected, firstRow);
    GroupConformance.Flat flat = GroupConformance.Flat.of(groups.values());
    int count = selected.length;
    int[] entries = groups.keySet().stream().mapToInt(Integer::intValue).toArray();
    try (Trial trial = trial("episodic_tokens", probability, excluded, seed)) {
      Tensor to = trial.input("order", flat.order(count), count);
      Tensor te = trial.input("entries", GroupConformance.Flat.padded(entries, count), count);
      Tensor ts = trial.input("starts", flat.starts(count), count + 1L);
      Tensor ti = trial.input("inputIds", inputIds, BATCH, SEQUENCE);
      Tensor tb = trial.inOut("bank", I32, Numbers.doubles(bank), ENTRIES, TOKENS);
      trial.run(
          () ->
              device
                  .memory()
                  .episodicTokens(
                      to, te, ts, entries.length, ti, SLOTS, probability, excluded, seed, tb));
      return trial.indices(tb);
    }
  }

  /** The phrases that an entry may take, one for each selection that has one. */
  private List<List<Integer>> candidates(List<Integer> selections, int excluded) {
    List<List<Integer>> phrases = new ArrayList<>();
    for (int selection : selections) {
      int position = selection / SLOTS % (BATCH * SEQUENCE);
      if (position % SEQUENCE + TOKENS < SEQUENCE) {
        List<Integer> phrase = new ArrayList<>();
        for (int k = 1; k <= TOKENS; k++) {
          phrase.add(inputIds[position + k]);
        }
        if (!phrase.contains(excluded)) {
          phrases.add(phrase);
        }
      }
    }
    return phrases;
  }

  private static List<Integer> entry(int[] tokens, int entry) {
    return Arrays.stream(tokens, entry * TOKENS, (entry + 1) * TOKENS).boxed().toList();
  }

  @Test
  void atProbabilityOneEveryEntryTakesAPhraseThatFollowedIt() {
    int[] updated = update(indices, 10, 1f, EXCLUDED, 42);
    Map<Integer, List<Integer>> groups = UpdateReference.group(indices, 10);
    for (int e = 0; e < ENTRIES; e++) {
      List<List<Integer>> phrases = candidates(groups.getOrDefault(e, List.of()), EXCLUDED);
      if (phrases.isEmpty()) {
        assertThat(entry(updated, e)).as("entry %d stays", e).isEqualTo(entry(bank, e));
      } else {
        assertThat(phrases).as("what entry %d may take", e).contains(entry(updated, e));
      }
    }
    assertThat(Arrays.copyOf(updated, 10 * TOKENS)).isEqualTo(Arrays.copyOf(bank, 10 * TOKENS));
  }

  /** Selected at the ends of sequences only: no phrase is whole, whatever the seed. */
  @Test
  void anEntryWithoutCandidateStays() {
    int[] selected = new int[LAYERS * BATCH * SEQUENCE * SLOTS];
    for (int s = 0; s < selected.length; s++) {
      selected[s] = s / SLOTS % SEQUENCE + TOKENS < SEQUENCE ? 0 : 1;
    }
    for (long seed = 0; seed < 20; seed++) {
      int[] updated = update(selected, 0, 1f, -1, seed);
      assertThat(entry(updated, 1)).isEqualTo(entry(bank, 1));
      assertThat(entry(updated, 2)).isEqualTo(entry(bank, 2));
    }
  }

  @Test
  void atProbabilityZeroNothingMoves() {
    assertThat(update(indices, 0, 0f, -1, 42)).isEqualTo(bank);
  }

  @Test
  void chanceAndChoiceDependOnTheSeed() {
    int[] first = update(indices, 0, 1f, -1, 42);
    assertThat(update(indices, 0, 1f, -1, 42)).isEqualTo(first);
    assertThat(update(indices, 0, 1f, -1, 43)).isNotEqualTo(first);
    assertThat(update(indices, 0, 1f, -1, 42 + (1L << 40))).isNotEqualTo(first);
    int moved = 0;
    Set<List<Integer>> taken = new HashSet<>();
    for (long seed = 0; seed < 30; seed++) {
      int[] updated = update(indices, 0, 0.25f, -1, seed);
      taken.add(entry(updated, 50));
      for (int e = 0; e < ENTRIES; e++) {
        moved += entry(updated, e).equals(entry(bank, e)) ? 0 : 1;
      }
    }
    double share = moved / (30.0 * ENTRIES);
    assertThat(share).as("share of entries that moved").isBetween(0.20, 0.29);
    assertThat(taken).as("contents of one entry over 30 seeds").hasSizeGreaterThan(3);
  }

  /** Over many seeds every candidate of an entry is taken. */
  @Test
  void everyCandidateIsTaken() {
    List<Integer> selections = UpdateReference.group(indices, 0).get(50);
    Set<List<Integer>> possible = new HashSet<>(candidates(selections, -1));
    Set<List<Integer>> taken = new HashSet<>();
    for (long seed = 0; seed < 40L * possible.size() && taken.size() < possible.size(); seed++) {
      taken.add(entry(update(indices, 0, 1f, -1, seed), 50));
    }
    assertThat(taken).isEqualTo(possible);
  }
}
