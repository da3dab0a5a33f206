// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The token rules by their formulas, entry by entry and place by place, in double precision. */
final class TokenOracle {
  private final EmaConfig config;
  private final float[][] embeddings;
  private final int[][] bank;
  private final Map<List<Integer>, State> states = new HashMap<>();

  /** What a place of an entry stands for: c·E[t⁰] + a. */
  private static final class State {
    final int token;
    final double[] feature = new double[EmaCase.WIDTH];
    double coefficient = 1;
    long updated;

    State(int token, long updated) {
      this.token = token;
      this.updated = updated;
    }
  }

  TokenOracle(EmaConfig config, float[][] embeddings, int[][] bank) {
    this.config = config;
    this.embeddings = embeddings;
    this.bank = bank;
  }

  int[][] bank() {
    return bank;
  }

  void update(float[][] features, int[][] indices, long number) {
    int frozen = config.frozenEntries(bank.length);
    EmaCase.groups(indices, frozen)
        .forEach((entry, selections) -> move(entry, selections, features, number));
  }

  private void move(int entry, List<Integer> selections, float[][] features, long number) {
    int[] before = bank[entry].clone();
    for (int place = 0; place < before.length; place++) {
      int token = before[place];
      states.computeIfAbsent(List.of(entry, place), key -> new State(token, number - 1));
    }
    for (int place = 0; place < before.length; place++) {
      List<Integer> rows = EmaCase.rows(selections, config.positional() ? place : 0);
      if (rows.isEmpty()) {
        continue;
      }
      double[] mean = EmaCase.mean(features, rows);
      if (config.normalised()) {
        scale(mean);
      }
      bank[entry][place] =
          config.rule() == EmaRule.PUBLISHED
              ? nearest(blend(config.decay(), before[place], 1 - config.decay(), mean))
              : accumulate(List.of(entry, place), mean, rows.size(), number);
    }
  }

  private int accumulate(List<Integer> key, double[] mean, int count, long number) {
    State state = states.get(key);
    boolean counts = config.rule() == EmaRule.COUNT;
    double keep =
        counts ? Math.pow(config.decay(), (double) (number - state.updated)) : config.decay();
    double share = (1 - config.decay()) * (counts ? count : 1);
    state.coefficient *= keep;
    state.updated = number;
    for (int i = 0; i < mean.length; i++) {
      state.feature[i] = keep * state.feature[i] + share * mean[i];
    }
    return nearest(blend(state.coefficient, state.token, 1, state.feature));
  }

  void forget(int entry) {
    states.keySet().removeIf(key -> key.get(0) == entry);
  }

  private double[] blend(double keep, int token, double share, double[] feature) {
    double[] blend = new double[feature.length];
    for (int i = 0; i < blend.length; i++) {
      blend[i] = keep * embeddings[token][i] + share * feature[i];
    }
    return blend;
  }

  private void scale(double[] mean) {
    double wanted = 0;
    for (float[] embedding : embeddings) {
      double squares = 0;
      for (float x : embedding) {
        squares += (double) x * x;
      }
      wanted += Math.sqrt(squares) / embeddings.length;
    }
    double squares = 0;
    for (double x : mean) {
      squares += x * x;
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] *= wanted / Math.sqrt(squares);
    }
  }

  private int nearest(double[] wanted) {
    int best = 0;
    double bestScore = Double.NEGATIVE_INFINITY;
    for (int token = 0; token < embeddings.length; token++) {
      double score = 0;
      for (int i = 0; i < wanted.length; i++) {
        score += wanted[i] * embeddings[token][i];
      }
      if (score > bestScore) {
        best = token;
        bestScore = score;
      }
    }
    return best;
  }
}
