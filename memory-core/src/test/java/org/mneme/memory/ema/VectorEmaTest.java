// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.Tensor;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.VectorCodebook;

class VectorEmaTest extends DeviceTest {
  private static EmaConfig config(EmaRule rule, int chunkRows) {
    return EmaConfig.builder()
        .rule(rule)
        .decay(0.8)
        .freezeRatio(0.1)
        .laplaceEpsilon(0.01)
        .chunkRows(chunkRows)
        .build();
  }

  private EmaBatch batch(float[][] features, int[][] indices, long number) {
    return new EmaBatch(
        floats(features),
        ints(indices),
        null,
        EmaCase.BATCH,
        EmaCase.SEQUENCE,
        EmaCase.SLOTS,
        number,
        true);
  }

  /** The dense rules: every unfrozen entry decays at every update, as in the paper. */
  private static final class Oracle {
    private final EmaConfig config;
    private final double[][] vectors;
    private final double[][] sums;
    private final double[] counts;
    private final int frozen;

    Oracle(EmaConfig config, float[][] start) {
      this.config = config;
      this.vectors = new double[start.length][start[0].length];
      this.sums = new double[start.length][start[0].length];
      this.counts = new double[start.length];
      this.frozen = config.frozenEntries(start.length);
      for (int entry = 0; entry < start.length; entry++) {
        for (int i = 0; i < start[entry].length; i++) {
          vectors[entry][i] = start[entry][i];
        }
        restart(entry);
      }
    }

    void restart(int entry) {
      counts[entry] = 1;
      sums[entry] = vectors[entry].clone();
    }

    void update(float[][] features, int[][] indices) {
      Map<Integer, List<Integer>> groups = EmaCase.groups(indices, frozen);
      if (config.rule() == EmaRule.PUBLISHED) {
        groups.forEach(
            (entry, selections) -> {
              double[] mean = EmaCase.mean(features, EmaCase.rows(selections, 0));
              for (int i = 0; i < mean.length; i++) {
                vectors[entry][i] =
                    config.decay() * vectors[entry][i] + (1 - config.decay()) * mean[i];
              }
            });
      } else {
        count(features, groups);
      }
    }

    private void count(float[][] features, Map<Integer, List<Integer>> groups) {
      double total = 0;
      for (int entry = frozen; entry < counts.length; entry++) {
        List<Integer> rows = EmaCase.rows(groups.getOrDefault(entry, List.of()), 0);
        counts[entry] = config.decay() * counts[entry] + (1 - config.decay()) * rows.size();
        total += counts[entry];
        for (int i = 0; i < sums[entry].length; i++) {
          double sum = 0;
          for (int row : rows) {
            sum += features[row][i];
          }
          sums[entry][i] = config.decay() * sums[entry][i] + (1 - config.decay()) * sum;
        }
      }
      double epsilon = config.laplaceEpsilon();
      int unfrozen = counts.length - frozen;
      for (int entry : groups.keySet()) {
        double smoothed = (counts[entry] + epsilon) / (total + unfrozen * epsilon) * total;
        for (int i = 0; i < sums[entry].length; i++) {
          vectors[entry][i] = sums[entry][i] / smoothed;
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PUBLISHED", "COUNT"})
  void movesAsComputedByHand(EmaRule rule) {
    for (int chunkRows : new int[] {4, 1000}) {
      EmaConfig config = config(rule, chunkRows);
      EmaCase data = new EmaCase(17);
      Oracle oracle = new Oracle(config, data.vectors);
      Tensor bank = floats(data.vectors);
      try (EmaUpdater updater = EmaUpdaters.forVectors(config, VectorCodebook.around(bank))) {
        for (int number = 1; number <= 7; number++) {
          float[][] features = data.features();
          int[][] indices = data.indices();
          EmaReport report = updater.update(batch(features, indices, number));
          oracle.update(features, indices);
          assertClose(floatRows(bank), oracle.vectors);
          int groups = EmaCase.groups(indices, oracle.frozen).size();
          assertThat(report.entriesTouched()).isEqualTo(groups);
          assertThat(report.change().orElseThrow().entriesChanged()).isEqualTo(groups);
          int[] reset = {number + 3, 30};
          updater.resetEntries(reset);
          Arrays.stream(reset).forEach(oracle::restart);
        }
        assertThat(Arrays.copyOf(floatRows(bank), 3))
            .as("frozen entries")
            .isDeepEqualTo(Arrays.copyOf(data.vectors, 3));
      }
    }
  }

  private static void assertClose(float[][] found, double[][] wanted) {
    for (int entry = 0; entry < wanted.length; entry++) {
      for (int i = 0; i < wanted[entry].length; i++) {
        assertThat((double) found[entry][i])
            .as("entry %d, element %d", entry, i)
            .isCloseTo(wanted[entry][i], within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PUBLISHED", "COUNT"})
  void goesOnAfterARestoreAsIfNothingHappened(EmaRule rule) {
    float[][] whole = run(rule, 0);
    assertThat(run(rule, 3)).isDeepEqualTo(whole);
    assertThat(run(rule, 0)).as("determinism").isDeepEqualTo(whole);
  }

  private float[][] run(EmaRule rule, int restart) {
    EmaConfig config = config(rule, 7);
    EmaCase data = new EmaCase(5);
    Tensor bank = floats(data.vectors);
    EmaUpdater updater = EmaUpdaters.forVectors(config, VectorCodebook.around(bank));
    for (int number = 1; number <= 6; number++) {
      updater.update(batch(data.features(), data.indices(), number));
      if (number == restart) {
        StoredState stored = new StoredState();
        updater.forEachState(stored);
        updater.close();
        updater = EmaUpdaters.forVectors(config, VectorCodebook.around(bank));
        updater.restore(stored);
      }
    }
    updater.close();
    return floatRows(bank);
  }

  @Test
  void allFrozenMovesNothing() {
    EmaCase data = new EmaCase(5);
    Tensor bank = floats(data.vectors);
    EmaConfig config = EmaConfig.builder().freezeRatio(1).build();
    try (EmaUpdater updater = EmaUpdaters.forVectors(config, VectorCodebook.around(bank))) {
      EmaReport report = updater.update(batch(data.features(), data.indices(), 1));
      assertThat(report.entriesTouched()).isZero();
      assertThat(updater.coverage()).isZero();
      assertThat(floatRows(bank)).isDeepEqualTo(data.vectors);
    }
  }
}
