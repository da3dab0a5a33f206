// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final int DRAWS = 4000;

  /** Logits whose softmax at temperature 1 is the given distribution. */
  private static float[] of(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i]);
    }
    return logits;
  }

  private static Set<Integer> chosen(SamplingConfig.Builder config, double... probabilities) {
    Sampler sampler = new Sampler(config.build());
    Set<Integer> chosen = new TreeSet<>();
    for (int i = 0; i < DRAWS; i++) {
      chosen.add(sampler.choose(of(probabilities)));
    }
    return chosen;
  }

  private static SamplingConfig.Builder config() {
    return SamplingConfig.builder().seed(7);
  }

  @Test
  void temperatureZeroTakesTheMostLikelyAndOfEqualsTheLowestId() {
    Sampler sampler = new Sampler(SamplingConfig.greedy(1));

    assertThat(sampler.choose(new float[] {1, 3, 2})).isEqualTo(1);
    assertThat(sampler.choose(new float[] {1, 3, 3})).isEqualTo(1);
    assertThat(sampler.choose(new float[] {Float.NEGATIVE_INFINITY, -5, -6})).isEqualTo(1);
  }

  @Test
  void drawsInProportionToTheSoftmaxAtItsTemperature() {
    double[] p = {0.1, 0.2, 0.3, 0.4};
    double norm = 0.01 + 0.04 + 0.09 + 0.16;
    int[] counts = new int[p.length];
    Sampler sampler = new Sampler(config().temperature(0.5).build());
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      counts[sampler.choose(of(p))]++;
    }

    for (int id = 0; id < p.length; id++) {
      double expected = p[id] * p[id] / norm;
      double deviation = Math.sqrt(expected * (1 - expected) / draws);
      assertThat(counts[id] / (double) draws).isCloseTo(expected, within(4 * deviation));
    }
  }

  @Test
  void topKKeepsExactlyKAndOfEqualsTheLowerIds() {
    assertThat(chosen(config().topK(1), 0.2, 0.5, 0.3)).containsExactly(1);
    assertThat(chosen(config().topK(2), 0.2, 0.5, 0.3)).containsExactly(1, 2);
    assertThat(chosen(config().topK(2), 0.25, 0.25, 0.25, 0.25)).containsExactly(0, 1);
    assertThat(chosen(config().topK(2), 0.2, 0.2, 0.4, 0.2)).containsExactly(0, 2);
    assertThat(chosen(config().topK(9), 0.2, 0.5, 0.3)).containsExactly(0, 1, 2);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(chosen(config().topP(0.49), 0.2, 0.5, 0.3)).containsExactly(1);
    assertThat(chosen(config().topP(0.51), 0.2, 0.5, 0.3)).containsExactly(1, 2);
    assertThat(chosen(config().topP(0.79), 0.2, 0.5, 0.3)).containsExactly(1, 2);
    assertThat(chosen(config().topP(0.81), 0.2, 0.5, 0.3)).containsExactly(0, 1, 2);
    assertThat(chosen(config().topP(1e-9), 0.2, 0.5, 0.3)).containsExactly(1);
    // 0.25 + 0.25 is 0.5 exactly: two are enough, and of equals the lower ids are first.
    assertThat(chosen(config().topP(0.5), 0.25, 0.25, 0.25, 0.25)).containsExactly(0, 1);
  }

  @Test
  void topPIsOfWhatTopKLeft() {
    // Of 0.4 and 0.3 the first has 0.57.
    assertThat(chosen(config().topK(2).topP(0.55), 0.1, 0.4, 0.2, 0.3)).containsExactly(1);
    assertThat(chosen(config().topK(2).topP(0.6), 0.1, 0.4, 0.2, 0.3)).containsExactly(1, 3);
  }

  @Test
  void penaltyDividesPositiveLogitsOfSeenTokensAndMultipliesNegativeOnes() {
    Sampler sampler = new Sampler(config().temperature(0).repetitionPenalty(1.5).build());
    sampler.observe(0, 2, 2);
    float[] logits = {3, 2.5f, -1, -1.2f};

    assertThat(sampler.choose(logits)).isEqualTo(1);
    assertThat(logits).containsExactly(2, 2.5f, -1.5f, -1.2f);
  }

  @Test
  void penaltyBelowOneFavoursSeenTokens() {
    Sampler sampler = new Sampler(config().temperature(0).repetitionPenalty(0.5).build());
    sampler.observe(1);

    assertThat(sampler.choose(new float[] {3, 2, 1})).isEqualTo(1);
  }

  @Test
  void seedsDecide() {
    float[] even = new float[100];
    long[] first =
        LongStream.range(0, 50)
            .map(seed -> new Sampler(config().seed(seed).build()).choose(even.clone()))
            .toArray();

    assertThat(LongStream.of(first).distinct().count()).isGreaterThan(25);
    assertThat(texts(3, even)).isEqualTo(texts(3, even)).isNotEqualTo(texts(4, even));
  }

  private static String texts(long seed, float[] logits) {
    Sampler sampler = new Sampler(config().seed(seed).build());
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      ids.append(sampler.choose(logits.clone())).append(' ');
    }
    return ids.toString();
  }

  @Test
  void coldAndExcludedTokensAreNeverChosen() {
    float none = Float.NEGATIVE_INFINITY;
    Sampler cold = new Sampler(config().temperature(1e-30).build());
    Sampler limited = new Sampler(config().topK(3).topP(0.999).build());
    for (int i = 0; i < 100; i++) {
      assertThat(cold.choose(new float[] {0, -1, none})).isZero();
      assertThat(limited.choose(new float[] {none, 0, none, none})).isEqualTo(1);
    }
  }

  @Test
  void refusesLogitsThatAreNoNumbers() {
    Sampler sampler = new Sampler(SamplingConfig.greedy(1));

    assertThatThrownBy(() -> sampler.choose(new float[] {0, Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("logits[1] is NaN, expected a number or -Infinity");
    assertThatThrownBy(() -> sampler.choose(new float[] {Float.POSITIVE_INFINITY}))
        .hasMessage("logits[0] is Infinity, expected a number or -Infinity");
    assertThatThrownBy(() -> sampler.choose(new float[] {Float.NEGATIVE_INFINITY}))
        .hasMessage("logits: found 1 that are all -Infinity, expected a finite one");
  }
}
