// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.TokenCodebook;

class TokenEmaTest extends DeviceTest {
  static Stream<EmaConfig> rules() {
    return Stream.of(EmaRule.PUBLISHED, EmaRule.SHADOW, EmaRule.COUNT)
        .flatMap(
            rule ->
                Stream.of(0, 1, 2, 3)
                    .map(
                        modifiers ->
                            EmaConfig.builder()
                                .rule(rule)
                                .decay(0.7)
                                .normalised((modifiers & 1) != 0)
                                .positional((modifiers & 2) != 0)
                                .freezeRatio(0.1)))
        .flatMap(b -> Stream.of(b.build(), b.chunkRows(5).build()));
  }

  private EmaBatch batch(EmaCase data, float[][] features, int[][] indices, long number) {
    return new EmaBatch(
        floats(features),
        ints(indices),
        ints(data.inputIds()),
        EmaCase.BATCH,
        EmaCase.SEQUENCE,
        EmaCase.SLOTS,
        number,
        true);
  }

  private static int[][] copy(int[][] rows) {
    return Arrays.stream(rows).map(int[]::clone).toArray(int[][]::new);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void movesAsComputedByHand(EmaConfig config) {
    EmaCase data = new EmaCase(11);
    TokenOracle oracle = new TokenOracle(config, data.embeddings, copy(data.tokens));
    Tensor bank = ints(data.tokens);
    Tensor embeddings = floats(data.embeddings);
    try (EmaUpdater updater =
        EmaUpdaters.forTokens(config, TokenCodebook.around(bank), embeddings)) {
      boolean[] touched = new boolean[EmaCase.ENTRIES];
      for (int number = 1; number <= 6; number++) {
        float[][] features = data.features();
        int[][] indices = data.indices();
        int[][] before = intRows(bank);
        EmaReport report = updater.update(batch(data, features, indices, number));
        oracle.update(features, indices, number);
        assertThat(intRows(bank)).as("update %d", number).isDeepEqualTo(oracle.bank());
        checkReport(report, before, oracle.bank(), indices, touched);
      }
      assertThat(Arrays.copyOf(intRows(bank), 3)).isDeepEqualTo(Arrays.copyOf(data.tokens, 3));
      assertThat(intRows(bank)).isNotEqualTo(data.tokens);
    }
  }

  private static void checkReport(
      EmaReport report, int[][] before, int[][] after, int[][] indices, boolean[] touched) {
    int frozen = 3;
    int entries = 0;
    int tokens = 0;
    double distinct = 0;
    for (int entry = 0; entry < before.length; entry++) {
      int changed = 0;
      for (int k = 0; k < before[entry].length; k++) {
        changed += before[entry][k] != after[entry][k] ? 1 : 0;
      }
      tokens += changed;
      entries += changed > 0 ? 1 : 0;
      distinct += changed > 0 ? Arrays.stream(after[entry]).distinct().count() : 0;
    }
    var groups = EmaCase.groups(indices, frozen);
    groups.keySet().forEach(entry -> touched[entry] = true);
    long same =
        groups.keySet().stream()
            .filter(entry -> Arrays.stream(after[entry]).distinct().count() == 1)
            .count();
    int everTouched = 0;
    for (boolean mark : touched) {
      everTouched += mark ? 1 : 0;
    }
    EmaChange change = report.change().orElseThrow();
    assertThat(report.entriesTouched()).isEqualTo(groups.size());
    assertThat(change.entriesChanged()).isEqualTo(entries);
    assertThat(change.tokensChanged()).isEqualTo(tokens);
    assertThat(change.distinctTokens())
        .isCloseTo(entries == 0 ? 0 : distinct / entries, within(1e-12));
    assertThat(change.sameTokenEntries()).isEqualTo((int) same);
    assertThat(change.coverage())
        .isCloseTo(everTouched / (double) (before.length - frozen), within(1e-12));
  }

  @Test
  void reportsNoChangesUnlessAsked() {
    EmaCase data = new EmaCase(2);
    TokenCodebook codebook = TokenCodebook.around(ints(data.tokens));
    Tensor embeddings = floats(data.embeddings);
    try (EmaUpdater updater =
        EmaUpdaters.forTokens(EmaConfig.builder().build(), codebook, embeddings)) {
      EmaBatch asked = batch(data, data.features(), data.indices(), 1);
      EmaReport report =
          updater.update(
              new EmaBatch(
                  asked.features(), asked.indices(), null, 2, 7, 2, asked.updateNumber(), false));
      assertThat(report.change()).isEmpty();
      assertThat(report.entriesTouched()).isPositive();
      assertThat(updater.coverage()).isPositive();
    }
  }

  /** Row e of the identity is token e; one selection of entry 1 with feature 2·E[1] each time. */
  private int[] afterSmallMoves(EmaRule rule, int updates) {
    float[][] embeddings = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Tensor bank = ints(new int[][] {{2, 2}, {0, 0}});
    Tensor table = floats(embeddings);
    EmaConfig config = EmaConfig.builder().rule(rule).decay(0.9).build();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      for (int number = 1; number <= updates; number++) {
        Tensor features = floats(new float[][] {{0, 2, 0}});
        Tensor indices = ints(new int[][] {{1}});
        updater.update(new EmaBatch(features, indices, null, 1, 1, 1, number, false));
      }
      assertThat(intRows(bank)[0]).containsExactly(2, 2);
      return intRows(bank)[1];
    }
  }

  @Test
  void publishedLosesMovesThatAreTooSmall() {
    assertThat(afterSmallMoves(EmaRule.PUBLISHED, 50)).containsExactly(0, 0);
  }

  @Test
  void shadowAddsThemUp() {
    // 2·(1 − 0.9ⁿ) exceeds 0.9ⁿ from n = 4 on.
    assertThat(afterSmallMoves(EmaRule.SHADOW, 3)).containsExactly(0, 0);
    assertThat(afterSmallMoves(EmaRule.SHADOW, 4)).containsExactly(1, 1);
  }

  /** Entry 0 was selected at the second position; token t follows at position t. */
  private int[] afterAPhrase(boolean positional) {
    float[][] embeddings = new float[6][6];
    float[][] features = new float[6][6];
    for (int token = 0; token < 6; token++) {
      embeddings[token][token] = 1;
      features[token][token] = 20;
    }
    Tensor bank = ints(new int[][] {{0, 0, 0}, {5, 5, 5}});
    Tensor table = floats(embeddings);
    Tensor indices = ints(new int[][] {{1}, {0}, {1}, {1}, {1}, {1}});
    EmaConfig config = EmaConfig.builder().positional(positional).build();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      updater.update(new EmaBatch(floats(features), indices, null, 1, 6, 1, 1, false));
      return intRows(bank)[0];
    }
  }

  @Test
  void positionalHoldsAPhraseWhereTheOthersRepeatAToken() {
    assertThat(afterAPhrase(false)).containsExactly(1, 1, 1);
    assertThat(afterAPhrase(true)).containsExactly(1, 2, 3);
  }

  @Test
  void aPlaceBehindTheEndOfTheSequenceStays() {
    float[][] embeddings = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Tensor bank = ints(new int[][] {{2, 2, 2}});
    Tensor table = floats(embeddings);
    EmaConfig config = EmaConfig.builder().positional(true).build();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      Tensor features = floats(new float[][] {{0, 20, 0}});
      updater.update(new EmaBatch(features, ints(new int[][] {{0}}), null, 1, 1, 1, 1, false));
      assertThat(intRows(bank)[0]).containsExactly(1, 2, 2);
    }
  }

  @Test
  void resetEntriesStartAgainFromTheirTokens() {
    for (EmaRule rule : new EmaRule[] {EmaRule.SHADOW, EmaRule.COUNT}) {
      EmaConfig config = EmaConfig.builder().rule(rule).positional(true).decay(0.8).build();
      EmaCase data = new EmaCase(21);
      TokenOracle oracle = new TokenOracle(config, data.embeddings, copy(data.tokens));
      Tensor bank = ints(data.tokens);
      Tensor table = floats(data.embeddings);
      try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
        for (int number = 1; number <= 5; number++) {
          float[][] features = data.features();
          int[][] indices = data.indices();
          updater.update(batch(data, features, indices, number));
          oracle.update(features, indices, number);
          assertThat(intRows(bank)).isDeepEqualTo(oracle.bank());
          int[] reset = {number, 2 * number};
          updater.resetEntries(reset);
          Arrays.stream(reset).forEach(oracle::forget);
        }
      }
    }
  }

  @Test
  void aFullShadowDropsTheEntryUntouchedForLongest() {
    float[][] embeddings = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Tensor bank = ints(new int[][] {{0}, {0}, {0}});
    EmaConfig config =
        EmaConfig.builder().rule(EmaRule.SHADOW).shadowCapacity(1).chunkRows(1).build();
    Tensor table = floats(embeddings);
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      // Four moves change an entry's token; entry 1 loses three of its own to entry 2.
      int[] selected = {1, 1, 1, 2, 1, 1, 1};
      for (int i = 0; i < selected.length; i++) {
        Tensor features = floats(new float[][] {{0, 2, 0}});
        Tensor indices = ints(new int[][] {{selected[i]}});
        updater.update(new EmaBatch(features, indices, null, 1, 1, 1, i + 1, false));
      }
      assertThat(intRows(bank)[1]).containsExactly(0);
      Tensor features = floats(new float[][] {{0, 2, 0}});
      updater.update(new EmaBatch(features, ints(new int[][] {{1}}), null, 1, 1, 1, 8, false));
      assertThat(intRows(bank)[1]).containsExactly(1);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void goesOnAfterARestoreAsIfNothingHappened(EmaConfig config) {
    int[][] whole = run(config, 6, 0);
    assertThat(run(config, 6, 3)).isDeepEqualTo(whole);
    assertThat(run(config, 6, 0)).as("determinism").isDeepEqualTo(whole);
  }

  @Test
  void goesBackToAnEarlierState() {
    EmaConfig config = EmaConfig.builder().rule(EmaRule.SHADOW).positional(true).build();
    EmaCase data = new EmaCase(5);
    EmaBatch few = batch(data, data.features(), new int[EmaCase.POSITIONS][EmaCase.SLOTS], 1);
    EmaBatch many = batch(data, data.features(), data.indices(), 2);
    Tensor bank = ints(data.tokens);
    Tensor table = floats(data.embeddings);
    StoredState stored = new StoredState();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      updater.update(few);
      updater.forEachState(stored);
      int[] bankThen = device.transfer().readInts(bank);
      updater.update(many);
      updater.update(many);
      int[][] once = intRows(bank);
      device.transfer().writeInts(bankThen, bank);
      updater.restore(stored);
      updater.update(many);
      updater.update(many);
      assertThat(intRows(bank)).isDeepEqualTo(once);
    }
  }

  /** Runs updates; after {@code restart} of them a new updater takes over the state. */
  private int[][] run(EmaConfig config, int updates, int restart) {
    EmaCase data = new EmaCase(5);
    Tensor bank = ints(data.tokens);
    Tensor table = floats(data.embeddings);
    EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table);
    for (int number = 1; number <= updates; number++) {
      updater.update(batch(data, data.features(), data.indices(), number));
      if (number == restart) {
        StoredState stored = new StoredState();
        updater.forEachState(stored);
        double coverage = updater.coverage();
        updater.close();
        updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table);
        updater.restore(stored);
        assertThat(updater.coverage()).isEqualTo(coverage);
      }
    }
    updater.close();
    return intRows(bank);
  }

  @Test
  void namesAStateTensorThatIsMissingOrOfAnotherShape() {
    EmaCase data = new EmaCase(5);
    EmaConfig config = EmaConfig.builder().rule(EmaRule.SHADOW).build();
    Tensor bank = ints(data.tokens);
    Tensor table = floats(data.embeddings);
    StoredState stored = new StoredState();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      updater.update(batch(data, data.features(), data.indices(), 1));
      updater.forEachState(stored);
    }
    EmaConfig positional = config.toBuilder().positional(true).build();
    try (EmaUpdater other = EmaUpdaters.forTokens(positional, TokenCodebook.around(bank), table)) {
      assertThatThrownBy(() -> other.restore(stored))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("state \"sparse.")
          .hasMessageContaining("expected shape");
      stored.remove("touched");
      assertThatThrownBy(() -> other.restore(stored))
          .isInstanceOf(UserException.class)
          .hasMessage("state \"touched\": expected shape [36], got no such tensor");
    }
  }

  /** A count decays by the updates since its last one: by a negative number it would grow. */
  @Test
  void refusesAnUpdateThatHasNotBeen() {
    EmaCase data = new EmaCase(5);
    EmaConfig config = EmaConfig.builder().rule(EmaRule.COUNT).updateFrequency(4).build();
    Tensor bank = ints(data.tokens);
    Tensor table = floats(data.embeddings);
    StoredState stored = new StoredState();
    try (EmaUpdater updater = EmaUpdaters.forTokens(config, TokenCodebook.around(bank), table)) {
      updater.update(batch(data, data.features(), data.indices(), 3));
      updater.forEachState(stored);
      stored.steps(15);
      updater.restore(stored);
      int[] updates = stored.ints("sparse.updated").clone();
      updates[1] = 4;
      stored.replace("sparse.updated", updates);
      assertThatThrownBy(() -> updater.restore(stored))
          .isInstanceOf(UserException.class)
          .hasMessage("sparse.updated[1]: expected the number of an update in [0, 4), got 4");
    }
  }
}
