// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Chooses the next token from logits. Knows the tokens of the text so far and draws from its own
 * generator (SplitMix64, one draw a token), so that equal logits, tokens and seed give equal
 * choices.
 *
 * <p>In this order: the repetition penalty; the temperature; the most likely {@code topK}; of
 * these, the fewest that have together at least {@code topP} of their probability; a draw in
 * proportion to probability. Of equal logits the lower id counts as more likely, so that exactly
 * {@code topK} tokens remain.
 */
public final class Sampler {
  private final SamplingConfig config;
  private final SplitMix64 random;
  private final BitSet seen = new BitSet();

  /** A sampler of a new text. */
  public Sampler(SamplingConfig config) {
    this.config = config;
    this.random = new SplitMix64(config.seed());
  }

  /** Tells which tokens the text has: those of the prompt, and each that was chosen. */
  public void observe(int... tokens) {
    for (int token : tokens) {
      seen.set(token);
    }
  }

  /**
   * Chooses a token; the caller {@link #observe observes} it if it becomes part of the text.
   *
   * @param logits of all tokens [V]; −∞ excludes a token; changed
   * @throws IllegalArgumentException if a logit is NaN or +∞, or all are −∞
   */
  public int choose(float[] logits) {
    check(logits);
    penalize(logits);
    if (config.temperature() == 0) {
      return argmax(logits);
    }
    long[] ranked = rank(logits);
    double[] weights = weights(logits, ranked);
    int kept = nucleus(weights);
    return id(ranked[draw(weights, kept)]);
  }

  private static void check(float[] logits) {
    boolean any = false;
    for (int i = 0; i < logits.length; i++) {
      if (Float.isNaN(logits[i]) || logits[i] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "logits[" + i + "] is " + logits[i] + ", expected a number or -Infinity");
      }
      any |= logits[i] != Float.NEGATIVE_INFINITY;
    }
    if (!any) {
      throw new IllegalArgumentException(
          "logits: found " + logits.length + " that are all -Infinity, expected a finite one");
    }
  }

  /**
   * x / θ for the tokens of the text, as Keskar et al. 2019 write it ("CTRL", section 4.1); x · θ
   * where x is negative, for there a division would make the token more likely.
   */
  private void penalize(float[] logits) {
    float theta = (float) config.repetitionPenalty();
    if (theta == 1) {
      return;
    }
    for (int id = seen.nextSetBit(0); id >= 0 && id < logits.length; id = seen.nextSetBit(id + 1)) {
      logits[id] = logits[id] > 0 ? logits[id] / theta : logits[id] * theta;
    }
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      if (logits[id] > logits[best]) {
        best = id;
      }
    }
    return best;
  }

  /** The tokens to choose from, most likely first, each packed with its logit. */
  private long[] rank(float[] logits) {
    long[] ranked = new long[logits.length];
    for (int id = 0; id < ranked.length; id++) {
      ranked[id] = pack(logits[id], id);
    }
    boolean sorted = config.topP() < 1 || limited(logits.length);
    if (sorted) {
      Arrays.sort(ranked);
    }
    return limited(logits.length) ? Arrays.copyOf(ranked, config.topK()) : ranked;
  }

  private boolean limited(int vocabulary) {
    return config.topK() > 0 && config.topK() < vocabulary;
  }

  /** A number that is the smaller the larger the logit, then the smaller the id. */
  private static long pack(float logit, int id) {
    int bits = Float.floatToIntBits(logit + 0f);
    int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~ascending << Integer.SIZE) | id;
  }

  private static int id(long packed) {
    return (int) packed;
  }

  /** exp((x − max) / temperature) of the ranked tokens. */
  private double[] weights(float[] logits, long[] ranked) {
    float max = Float.NEGATIVE_INFINITY;
    for (long packed : ranked) {
      max = Math.max(max, logits[id(packed)]);
    }
    double[] weights = new double[ranked.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp(((double) logits[id(ranked[i])] - max) / config.temperature());
    }
    return weights;
  }

  /** How many of the first tokens are kept. */
  private int nucleus(double[] weights) {
    if (config.topP() >= 1) {
      return weights.length;
    }
    double wanted = config.topP() * Arrays.stream(weights).sum();
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum >= wanted) {
        return i + 1;
      }
    }
    return weights.length;
  }

  private int draw(double[] weights, int kept) {
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[i];
    }
    double left = random.nextDouble() * total;
    int last = 0;
    for (int i = 0; i < kept; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }
}
