// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.mneme.compute.UserException;

/**
 * How a text is continued.
 *
 * @param temperature logits are divided by it; 0 takes the most likely token at each step (of
 *     equals the lowest id)
 * @param topK the next token is one of this many most likely ones; 0 for no limit
 * @param topP the next token is one of the fewest most likely ones that together have at least this
 *     probability, over 0 and at most 1; 1 for no limit
 * @param repetitionPenalty θ of Keskar et al. 2019, over 0: above 1 it makes tokens less likely
 *     that the prompt or the text has already; 1 for none
 * @param seed of the choices; nothing else of chance is in them
 * @param maxTokens most tokens to add, at least 1
 * @param stopAtEnd whether the text ends where the model ends it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SamplingConfig(
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    long seed,
    int maxTokens,
    boolean stopAtEnd) {

  /**
   * Checks the values.
   *
   * @throws UserException naming the argument, the value found and what was expected
   */
  public SamplingConfig {
    boolean finite = temperature >= 0 && temperature < Double.POSITIVE_INFINITY;
    require(finite, "temperature", temperature, "a number >= 0 (0 for the most likely token)");
    require(topK >= 0, "top_k", topK, "a whole number >= 0 (0 for no limit)");
    require(topP > 0 && topP <= 1, "top_p", topP, "a number over 0 and at most 1 (1 for no limit)");
    require(
        repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
        "repetition_penalty",
        repetitionPenalty,
        "a number > 0 (1 for none)");
    require(maxTokens >= 1, "max_tokens", maxTokens, "at least 1");
  }

  private static void require(boolean holds, String argument, Object found, String expected) {
    if (!holds) {
      throw new UserException(argument + " is " + found + ", expected " + expected);
    }
  }

  /** A builder: temperature 1, no limits, no penalty, seed 0, 256 tokens, stops at the end. */
  public static Builder builder() {
    return new Builder();
  }

  /** The most likely token at each step. */
  public static SamplingConfig greedy(int maxTokens) {
    return builder().temperature(0).maxTokens(maxTokens).build();
  }

  /** A builder with the values of this configuration. */
  public Builder toBuilder() {
    return builder()
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .repetitionPenalty(repetitionPenalty)
        .seed(seed)
        .maxTokens(maxTokens)
        .stopAtEnd(stopAtEnd);
  }

  /** Collects the values. */
  public static final class Builder {
    private double temperature = 1;
    private int topK;
    private double topP = 1;
    private double repetitionPenalty = 1;
    private long seed;
    private int maxTokens = 256;
    private boolean stopAtEnd = true;

    private Builder() {}

    /** The temperature; 0 for the most likely token. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** The number of most likely tokens to choose from; 0 for all. */
    public Builder topK(int value) {
      topK = value;
      return this;
    }

    /** The probability of the most likely tokens to choose from; 1 for all. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** The penalty of tokens that were there already; 1 for none. */
    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** The seed of the choices. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** The most tokens to add. */
    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    /** Whether the end token ends the text. */
    public Builder stopAtEnd(boolean value) {
      stopAtEnd = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws UserException if a value is out of its range
     */
    public SamplingConfig build() {
      return new SamplingConfig(
          temperature, topK, topP, repetitionPenalty, seed, maxTokens, stopAtEnd);
    }
  }
}
