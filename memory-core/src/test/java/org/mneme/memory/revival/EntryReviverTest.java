// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.EntryState;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.memory.ema.EmaUpdaters;
import org.mneme.memory.ema.StoredState;

class EntryReviverTest extends DeviceTest {
  private static final int PADDING = 9;
  private static final int[][] TOKENS = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {1, 1}, {2, 2}};

  private static RevivalConfig config(int unused, double share, RevivalSource source) {
    return new RevivalConfig(unused, share, source, 0, PADDING, 4);
  }

  private EmaBatch batch(int[][] indices, int[][] ids, float[][] features) {
    return new EmaBatch(
        features == null ? null : floats(features),
        ints(indices),
        ids == null ? null : ints(ids),
        1,
        indices.length,
        1,
        1,
        false);
  }

  @Test
  void deadEntriesTakePhrasesOfTheInput() {
    Tensor bank = ints(TOKENS);
    List<int[]> reset = new ArrayList<>();
    try (EntryReviver reviver =
        reviver(config(2, 1, RevivalSource.PHRASES), TokenCodebook.around(bank), reset::add)) {
      int[][] ids = {{4, 5, PADDING, 6, 7}};
      assertThat(reviver.observe(batch(new int[][] {{1}, {1}, {0}, {1}, {1}}, ids, null)))
          .isEmpty();
      int[] revived = reviver.observe(batch(new int[][] {{3}, {3}, {3}, {3}, {3}}, ids, null));
      assertThat(revived).containsExactly(2, 4, 5);
      assertThat(reset).containsExactly(revived);
      int[][] after = intRows(bank);
      for (int entry : revived) {
        assertThat(after[entry]).isIn(new int[] {4, 5}, new int[] {6, 7});
      }
      for (int entry : new int[] {0, 1, 3}) {
        assertThat(after[entry]).containsExactly(TOKENS[entry]);
      }
    }
  }

  @Test
  void withoutACleanPhraseNothingIsRevived() {
    Tensor bank = ints(TOKENS);
    try (EntryReviver reviver =
        reviver(config(1, 1, RevivalSource.PHRASES), TokenCodebook.around(bank), null)) {
      int[][] ids = {{4, PADDING, 5}};
      assertThat(reviver.observe(batch(new int[][] {{1}, {1}, {1}}, ids, null))).isEmpty();
      assertThat(intRows(bank)).isDeepEqualTo(TOKENS);
    }
  }

  @Test
  void revivesNoMoreThanItsShareAndNoFrozenEntry() {
    Tensor bank = ints(TOKENS);
    try (EntryReviver reviver =
        new EntryReviver(
            config(1, 0.5, RevivalSource.USED), TokenCodebook.around(bank), 2, List.of())) {
      int[] revived = reviver.observe(batch(new int[][] {{3}}, null, null));
      // Dead and unfrozen are 2, 4 and 5; half of the four unfrozen ones may change at once.
      assertThat(Arrays.stream(revived).boxed()).hasSize(2).isSubsetOf(2, 4, 5);
      for (int entry : revived) {
        assertThat(intRows(bank)[entry]).containsExactly(7, 8);
      }
      assertThat(Arrays.copyOf(intRows(bank), 2)).isDeepEqualTo(Arrays.copyOf(TOKENS, 2));
    }
  }

  @Test
  void usedTokensAreCrossed() {
    Tensor bank = ints(TOKENS);
    RevivalConfig config = new RevivalConfig(1, 1, RevivalSource.USED, 0.5, -1, 6);
    try (EntryReviver reviver = reviver(config, TokenCodebook.around(bank), null)) {
      int[] revived = reviver.observe(batch(new int[][] {{0}, {3}}, null, null));
      assertThat(revived).containsExactly(1, 2, 4, 5);
      for (int entry : revived) {
        assertThat(intRows(bank)[entry][0]).isIn(1, 7);
        assertThat(intRows(bank)[entry][1]).isIn(2, 8);
      }
    }
  }

  @Test
  void vectorsTakeFeaturesOrNoisyCopies() {
    float[][] vectors = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    Tensor bank = floats(vectors);
    VectorCodebook codebook = VectorCodebook.around(bank);
    float[][] features = {{-1, -2, -3}};
    try (EntryReviver reviver = reviver(config(1, 1, RevivalSource.FEATURES), codebook, null)) {
      reviver.observe(batch(new int[][] {{1}}, null, features));
      assertThat(floatRows(bank))
          .isDeepEqualTo(new float[][] {features[0], vectors[1], features[0]});
    }
    RevivalConfig noisy = new RevivalConfig(1, 1, RevivalSource.USED, 0.01, -1, 6);
    try (EntryReviver reviver = reviver(noisy, codebook, null)) {
      reviver.observe(batch(new int[][] {{1}}, null, null));
      float[][] after = floatRows(bank);
      assertThat(after[1]).containsExactly(vectors[1]);
      for (int i = 0; i < 3; i++) {
        assertThat(after[0][i]).isNotEqualTo(after[2][i]);
        assertThat(Math.abs(after[0][i] - vectors[1][i])).isBetween(1e-6f, 0.3f);
      }
    }
  }

  @Test
  void aRevivedEntryHasNoPast() {
    float[][] embeddings = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    float[][] towardsOne = {{0, 2, 0}};
    Tensor bank = ints(new int[][] {{0}, {2}});
    Tensor table = floats(embeddings);
    TokenCodebook codebook = TokenCodebook.around(bank);
    EmaConfig shadow = EmaConfig.builder().rule(EmaRule.SHADOW).build();
    try (EmaUpdater updater = EmaUpdaters.forTokens(shadow, codebook, table);
        EntryReviver reviver = reviver(config(1, 1, RevivalSource.USED), codebook, updater)) {
      for (int i = 0; i < 3; i++) {
        updater.update(batch(new int[][] {{0}}, null, towardsOne));
      }
      reviver.observe(batch(new int[][] {{1}}, null, null));
      assertThat(intRows(bank)[0]).containsExactly(2);
      updater.update(batch(new int[][] {{0}}, null, towardsOne));
      assertThat(intRows(bank)[0]).as("a fourth move without the three before").containsExactly(2);
    }
  }

  @Test
  void goesOnAfterARestore() {
    Tensor bank = ints(TOKENS);
    StoredState stored = new StoredState();
    RevivalConfig config = config(2, 1, RevivalSource.USED);
    try (EntryReviver first = reviver(config, TokenCodebook.around(bank), null)) {
      first.observe(batch(new int[][] {{0}, {1}, {2}, {3}, {4}}, null, null));
      first.forEachState(stored);
    }
    try (EntryReviver second = reviver(config, TokenCodebook.around(bank), null)) {
      second.restore(stored);
      assertThat(second.observe(batch(new int[][] {{0}}, null, null))).containsExactly(5);
    }
  }

  @Test
  void refusesASourceThatDoesNotSuit() {
    TokenCodebook tokens = TokenCodebook.around(ints(TOKENS));
    assertThatThrownBy(() -> reviver(config(1, 1, RevivalSource.FEATURES), tokens, null))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "revival_source: found FEATURES for a memory of tokens, wanted USED or PHRASES");
    assertThatThrownBy(() -> config(1, 0, RevivalSource.USED))
        .isInstanceOf(UserException.class)
        .hasMessage("revival_max_share: found 0.0, wanted above 0, at most 1");
  }

  private static EntryReviver reviver(RevivalConfig config, Codebook codebook, EntryState state) {
    return new EntryReviver(config, codebook, 0, state == null ? List.of() : List.of(state));
  }
}
