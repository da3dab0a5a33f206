// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;

/** Builds a {@link WatchConfig}. */
@JsonPOJOBuilder(withPrefix = "")
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public final class WatchConfigBuilder {
  private boolean tensorboard = true;
  private int memoryMonitorInterval = 100;
  private int profileInterval;
  private int profileSteps = 1;
  private int traceFiles = 10;

  WatchConfigBuilder() {}

  /** Whether event files for TensorBoard are written. */
  public WatchConfigBuilder tensorboard(boolean value) {
    tensorboard = value;
    return this;
  }

  /** Steps between looks at the memory in use; 0 for never. */
  public WatchConfigBuilder memoryMonitorInterval(int value) {
    memoryMonitorInterval = value;
    return this;
  }

  /** Steps between profiles; 0 for none. */
  public WatchConfigBuilder profileInterval(int value) {
    profileInterval = value;
    return this;
  }

  /** Steps of a profile. */
  public WatchConfigBuilder profileSteps(int value) {
    profileSteps = value;
    return this;
  }

  /** Traces that stay in the run folder, the newest ones; 0 to write none. */
  public WatchConfigBuilder traceFiles(int value) {
    traceFiles = value;
    return this;
  }

  /**
   * The configuration.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong
   */
  public WatchConfig build() {
    return new WatchConfig(
        tensorboard, memoryMonitorInterval, profileInterval, profileSteps, traceFiles);
  }
}
