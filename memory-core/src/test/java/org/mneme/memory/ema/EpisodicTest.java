// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Tensor;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.TokenCodebook;

class EpisodicTest extends DeviceTest {
  private static final int EXCLUDED = 3;

  private static EmaConfig config(double decay) {
    return EmaConfig.builder()
        .rule(EmaRule.EPISODIC)
        .decay(decay)
        .freezeRatio(0.1)
        .excludedToken(EXCLUDED)
        .seed(99)
        .build();
  }

  private EmaBatch batch(int[][] ids, int[][] indices, long number) {
    return new EmaBatch(null, ints(indices), ints(ids), 2, EmaCase.SEQUENCE, 2, number, true);
  }

  @Test
  void anEntryTakesAPhraseThatFollowedWhereItWasSelected() {
    EmaCase data = new EmaCase(31);
    Tensor bank = ints(data.tokens);
    int[][] ids = data.inputIds();
    int[][] indices = data.indices();
    try (EmaUpdater updater = updater(config(0), bank)) {
      EmaReport report = updater.update(batch(ids, indices, 1));
      int[][] after = intRows(bank);
      var groups = EmaCase.groups(indices, 3);
      int changed = 0;
      for (int entry = 0; entry < EmaCase.ENTRIES; entry++) {
        List<List<Integer>> candidates = phrases(ids, groups.getOrDefault(entry, List.of()));
        List<Integer> found = Arrays.stream(after[entry]).boxed().toList();
        if (candidates.isEmpty()) {
          assertThat(after[entry]).containsExactly(data.tokens[entry]);
        } else {
          assertThat(candidates).contains(found);
          changed += Arrays.equals(after[entry], data.tokens[entry]) ? 0 : 1;
        }
      }
      assertThat(changed).isPositive();
      assertThat(report.change().orElseThrow().entriesChanged()).isEqualTo(changed);
    }
  }

  private static List<List<Integer>> phrases(int[][] ids, List<Integer> selections) {
    return selections.stream()
        .map(selection -> selection / EmaCase.SLOTS % (2 * EmaCase.SEQUENCE))
        .map(position -> follows(ids[position / EmaCase.SEQUENCE], position % EmaCase.SEQUENCE))
        .filter(phrase -> phrase.size() == EmaCase.LENGTH && !phrase.contains(EXCLUDED))
        .toList();
  }

  private static List<Integer> follows(int[] ids, int position) {
    return Arrays.stream(ids).skip(position + 1L).limit(EmaCase.LENGTH).boxed().toList();
  }

  @Test
  void fullDecayChangesNothing() {
    EmaCase data = new EmaCase(31);
    Tensor bank = ints(data.tokens);
    try (EmaUpdater updater = updater(config(1), bank)) {
      updater.update(batch(data.inputIds(), data.indices(), 1));
      assertThat(intRows(bank)).isDeepEqualTo(data.tokens);
    }
  }

  @Test
  void chanceDependsOnSeedAndUpdateAlone() {
    assertThat(after(1)).isDeepEqualTo(after(1));
    assertThat(after(2)).isNotEqualTo(after(1));
  }

  private int[][] after(long number) {
    EmaCase data = new EmaCase(31);
    Tensor bank = ints(data.tokens);
    try (EmaUpdater updater = updater(config(0.5), bank)) {
      updater.update(batch(data.inputIds(), data.indices(), number));
      return intRows(bank);
    }
  }

  @Test
  void asksForTheInput() {
    EmaCase data = new EmaCase(31);
    try (EmaUpdater updater = updater(config(0.5), ints(data.tokens))) {
      EmaBatch blind = new EmaBatch(null, ints(data.indices()), null, 2, 7, 2, 1, false);
      assertThatThrownBy(() -> updater.update(blind))
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("inputIds");
    }
  }

  private EmaUpdater updater(EmaConfig config, Tensor bank) {
    Tensor embeddings = floats(new float[EmaCase.VOCABULARY][EmaCase.WIDTH]);
    return EmaUpdaters.forTokens(config, TokenCodebook.around(bank), embeddings);
  }
}
