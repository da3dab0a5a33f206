// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;

/**
 * When something in a training is dead, and what happens then. A limit of 0 is none.
 *
 * @param action what happens
 * @param gradientInterval steps between looks at the gradients; one that is 0 twice running is an
 *     alarm
 * @param usageFloor an alarm when the share of the choice of entries that depends on the text stays
 *     below, in a few validations in a row
 * @param usageDrop an alarm when that share stays below what is left of the highest that the gate
 *     had learned before, if it loses this share of it
 * @param sameTokens an alarm when this share of the entries that an update touched hold one token
 *     at every place
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = AlarmConfig.Builder.class)
public record AlarmConfig(
    AlarmAction action,
    int gradientInterval,
    double usageFloor,
    double usageDrop,
    double sameTokens) {
  /** All alarms are told. */
  public static final AlarmConfig DEFAULT = new Builder().build();

  /** Notes what is wrong, with keys that begin with {@code path}. */
  public void check(Faults faults, String path) {
    faults.expect(action != null, path + ".action", null, "off, warn or stop");
    faults.atLeast(path + ".gradient_interval", gradientInterval, 0);
    faults.share(path + ".usage_floor", usageFloor);
    faults.share(path + ".usage_drop", usageDrop);
    faults.share(path + ".same_tokens", sameTokens);
  }

  /** Whether anybody looks. */
  public boolean looks() {
    return action != AlarmAction.OFF;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with the values of this configuration. */
  public Builder toBuilder() {
    return new Builder()
        .action(action)
        .gradientInterval(gradientInterval)
        .usageFloor(usageFloor)
        .usageDrop(usageDrop)
        .sameTokens(sameTokens);
  }

  /** Builds an {@link AlarmConfig}. */
  @JsonPOJOBuilder(withPrefix = "")
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public static final class Builder {
    private AlarmAction action = AlarmAction.WARN;
    private int gradientInterval = 100;
    private double usageFloor = 0.05;
    private double usageDrop = 0.5;
    private double sameTokens = 0.9;

    private Builder() {}

    /** What happens at an alarm. */
    public Builder action(AlarmAction value) {
      action = value;
      return this;
    }

    /** Steps between looks at the gradients. */
    public Builder gradientInterval(int value) {
      gradientInterval = value;
      return this;
    }

    /** Least share of the choice of entries that depends on the text. */
    public Builder usageFloor(double value) {
      usageFloor = value;
      return this;
    }

    /** Largest share of the highest share before that may be lost. */
    public Builder usageDrop(double value) {
      usageDrop = value;
      return this;
    }

    /** Share of the touched entries that may hold one token at every place. */
    public Builder sameTokens(double value) {
      sameTokens = value;
      return this;
    }

    /** The configuration; {@link AlarmConfig#check} tells what is wrong with it. */
    public AlarmConfig build() {
      return new AlarmConfig(action, gradientInterval, usageFloor, usageDrop, sameTokens);
    }
  }
}
