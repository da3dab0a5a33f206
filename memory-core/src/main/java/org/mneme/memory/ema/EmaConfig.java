// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.memory.state.Values;

/**
 * How entries move.
 *
 * @param rule what is kept and taken
 * @param decay γ, the share of itself that an entry keeps at each update, 0 to 1
 * @param updateFrequency optimiser steps from one update to the next, at least 1
 * @param normalised whether f̄ is scaled to the mean norm of the embeddings before it is mixed
 * @param positional whether place k of an entry follows the feature k positions after the selecting
 *     one
 * @param freezeRatio share of the entries, from entry 0 on, that never change, 0 to 1
 * @param laplaceEpsilon ε of the Laplace smoothing of counts ({@link EmaRule#COUNT}), at least 0
 * @param excludedToken a token that {@link EmaRule#EPISODIC} never copies, such as padding; −1:
 *     none
 * @param shadowCapacity entries that {@link EmaRule#SHADOW} and {@link EmaRule#COUNT} may keep a
 *     float state for (tokens only); beyond it the one untouched for longest is dropped and starts
 *     again from its tokens; 0: as many as there are entries
 * @param chunkRows features that are worked on at a time, which bounds the workspace, at least 1:
 *     one for each entry or, if positional, for each place of each entry
 * @param seed of the choices of {@link EmaRule#EPISODIC}
 */
public record EmaConfig(
    EmaRule rule,
    double decay,
    int updateFrequency,
    boolean normalised,
    boolean positional,
    double freezeRatio,
    double laplaceEpsilon,
    int excludedToken,
    int shadowCapacity,
    int chunkRows,
    long seed) {
  /** The usual ε of the Laplace smoothing. */
  public static final double DEFAULT_LAPLACE_EPSILON = 1e-5;

  /** The usual number of features that are worked on at a time. */
  public static final int DEFAULT_CHUNK_ROWS = 65_536;

  /**
   * Checks ranges and combinations.
   *
   * @throws UserException naming the setting, the value found and what was wanted
   */
  public EmaConfig {
    Objects.requireNonNull(rule, "rule");
    require(decay >= 0 && decay <= 1, "ema_decay", decay, "0 to 1");
    require(updateFrequency >= 1, "ema_update_freq", updateFrequency, ">= 1");
    require(freezeRatio >= 0 && freezeRatio <= 1, "freeze_ratio", freezeRatio, "0 to 1");
    require(
        laplaceEpsilon >= 0 && laplaceEpsilon < Double.POSITIVE_INFINITY,
        "ema_laplace_epsilon",
        laplaceEpsilon,
        "a number >= 0");
    require(excludedToken >= -1, "excluded_token", excludedToken, ">= -1");
    require(shadowCapacity >= 0, "ema_shadow_capacity", shadowCapacity, ">= 0");
    require(chunkRows >= 1, "ema_chunk_rows", chunkRows, ">= 1");
    if (rule == EmaRule.EPISODIC && (normalised || positional)) {
      throw new UserException(
          "ema_rule episodic copies tokens and has no features: found "
              + (normalised ? "ema_normalised" : "ema_positional")
              + ", wanted neither ema_normalised nor ema_positional");
    }
    if (shadowCapacity > 0 && shadowCapacity < chunkRows) {
      throw new UserException(
          "ema_shadow_capacity must hold one chunk: found "
              + shadowCapacity
              + ", wanted 0 or >= ema_chunk_rows = "
              + chunkRows);
    }
  }

  /**
   * The numbers that an update can have had. A stored one that is greater would let a moving
   * average decay by a negative power, so that it grows without bound.
   *
   * @param steps optimizer steps done
   */
  Values updatesBefore(long steps) {
    return Values.upToSteps("the number of an update", steps / updateFrequency);
  }

  /** A builder with the settings of the published token memory. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these settings. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Whether an update follows after optimiser step {@code step}, counted from 1. */
  public boolean isDue(long step) {
    return step % updateFrequency == 0;
  }

  /** The number of frozen entries of a memory of {@code entries}: ⌊freezeRatio·entries⌋. */
  public int frozenEntries(int entries) {
    return (int) Math.floor(freezeRatio * entries);
  }

  /** The places of an entry of K tokens that follow features of their own. */
  int placesOf(int length) {
    return positional ? length : 1;
  }

  /**
   * Checks that vector entries can move by these settings.
   *
   * @throws UserException if not, saying why
   */
  public void requireVectors() {
    String reason =
        switch (rule) {
          case SHADOW ->
              "ema_rule shadow keeps a float beside tokens; vectors are floats already"
                  + " (use published, which is the same)";
          case EPISODIC ->
              "ema_rule episodic copies tokens; vector entries have none"
                  + " (use published or count)";
          default ->
              positional
                  ? "ema_positional moves the places of a token entry; vector entries have no places"
                  : normalised
                      ? "ema_normalised scales to the norm of token embeddings; vector entries live in"
                          + " the space of gate queries"
                      : null;
        };
    if (reason != null) {
      throw new UserException(reason);
    }
  }

  private static void require(boolean condition, String name, Object found, String wanted) {
    if (!condition) {
      throw new UserException(name + ": found " + found + ", wanted " + wanted);
    }
  }

  /** Collects settings; those not set are those of the published token memory. */
  public static final class Builder {
    private EmaRule rule = EmaRule.PUBLISHED;
    private double decay = 0.9;
    private int updateFrequency = 5;
    private boolean normalised;
    private boolean positional;
    private double freezeRatio;
    private double laplaceEpsilon = DEFAULT_LAPLACE_EPSILON;
    private int excludedToken = -1;
    private int shadowCapacity;
    private int chunkRows = DEFAULT_CHUNK_ROWS;
    private long seed;

    private Builder() {}

    private Builder(EmaConfig from) {
      rule = from.rule;
      decay = from.decay;
      updateFrequency = from.updateFrequency;
      normalised = from.normalised;
      positional = from.positional;
      freezeRatio = from.freezeRatio;
      laplaceEpsilon = from.laplaceEpsilon;
      excludedToken = from.excludedToken;
      shadowCapacity = from.shadowCapacity;
      chunkRows = from.chunkRows;
      seed = from.seed;
    }

    /** See {@link EmaConfig#rule()}. */
    public Builder rule(EmaRule value) {
      rule = value;
      return this;
    }

    /** See {@link EmaConfig#decay()}. */
    public Builder decay(double value) {
      decay = value;
      return this;
    }

    /** See {@link EmaConfig#updateFrequency()}. */
    public Builder updateFrequency(int value) {
      updateFrequency = value;
      return this;
    }

    /** See {@link EmaConfig#normalised()}. */
    public Builder normalised(boolean value) {
      normalised = value;
      return this;
    }

    /** See {@link EmaConfig#positional()}. */
    public Builder positional(boolean value) {
      positional = value;
      return this;
    }

    /** See {@link EmaConfig#freezeRatio()}. */
    public Builder freezeRatio(double value) {
      freezeRatio = value;
      return this;
    }

    /** See {@link EmaConfig#laplaceEpsilon()}. */
    public Builder laplaceEpsilon(double value) {
      laplaceEpsilon = value;
      return this;
    }

    /** See {@link EmaConfig#excludedToken()}. */
    public Builder excludedToken(int value) {
      excludedToken = value;
      return this;
    }

    /** See {@link EmaConfig#shadowCapacity()}. */
    public Builder shadowCapacity(int value) {
      shadowCapacity = value;
      return this;
    }

    /** See {@link EmaConfig#chunkRows()}. */
    public Builder chunkRows(int value) {
      chunkRows = value;
      return this;
    }

    /** See {@link EmaConfig#seed()}. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The checked settings.
     *
     * @throws UserException as the constructor says
     */
    public EmaConfig build() {
      return new EmaConfig(
          rule,
          decay,
          updateFrequency,
          normalised,
          positional,
          freezeRatio,
          laplaceEpsilon,
          excludedToken,
          shadowCapacity,
          chunkRows,
          seed);
    }
  }
}
