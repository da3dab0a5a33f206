// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;

/**
 * When a loss or a gradient norm is a spike, and what happens then.
 *
 * @param action what happens; unless it is off, every step waits for its loss
 * @param zScore standard deviations above the mean of the last steps from which on it is a spike
 * @param window how many steps without a spike the mean is taken over; as many are not judged
 * @param patience spikes in a row after which they are taken for a new level: the window is filled
 *     anew
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = SpikeConfig.Builder.class)
public record SpikeConfig(SpikeAction action, double zScore, int window, int patience) {
  /** Nobody looks. */
  public static final SpikeConfig DEFAULT = new Builder().build();

  private static final int LONGEST_WINDOW = 1_000_000;

  /** Notes what is wrong, with keys that begin with {@code path}. */
  public void check(Faults faults, String path) {
    faults.expect(action != null, path + ".action", null, "off, warn, skip or stop");
    faults.positive(path + ".z_score", zScore);
    faults.between(path + ".window", window, 2, LONGEST_WINDOW);
    faults.atLeast(path + ".patience", patience, 1);
  }

  /** Whether anybody looks. */
  public boolean looks() {
    return action != SpikeAction.OFF;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link SpikeConfig}. */
  @JsonPOJOBuilder(withPrefix = "")
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public static final class Builder {
    private SpikeAction action = SpikeAction.OFF;
    private double zScore = 6;
    private int window = 128;
    private int patience = 8;

    private Builder() {}

    /** What happens at a spike. */
    public Builder action(SpikeAction value) {
      action = value;
      return this;
    }

    /** Standard deviations above the mean from which on it is a spike. */
    public Builder zScore(double value) {
      zScore = value;
      return this;
    }

    /** Steps that the mean is taken over. */
    public Builder window(int value) {
      window = value;
      return this;
    }

    /** Spikes in a row after which they are taken for a new level. */
    public Builder patience(int value) {
      patience = value;
      return this;
    }

    /** The configuration; {@link SpikeConfig#check} tells what is wrong with it. */
    public SpikeConfig build() {
      return new SpikeConfig(action, zScore, window, patience);
    }
  }
}
