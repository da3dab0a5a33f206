// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What is looked at while a model is trained; checked when it is made. Nothing of it changes what
 * is computed. Keys on disk are the component names in snake case; defaults stand in {@link
 * WatchConfigBuilder}.
 *
 * @param tensorboard whether event files for TensorBoard are written
 * @param memoryMonitorInterval steps between looks at the memory in use; 0 for never
 * @param profileInterval steps between profiles; 0 for none
 * @param profileSteps steps of a profile
 * @param traceFiles traces that stay in the run folder, the newest ones; 0 to write none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = WatchConfigBuilder.class)
public record WatchConfig(
    boolean tensorboard,
    int memoryMonitorInterval,
    int profileInterval,
    int profileSteps,
    int traceFiles) {

  /**
   * Checks all values.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong, what was found and what
   *     was expected
   */
  public WatchConfig {
    Faults faults = new Faults("watch configuration");
    faults.expect(
        memoryMonitorInterval >= 0, "memory_monitor_interval", memoryMonitorInterval, "at least 0");
    faults.expect(profileInterval >= 0, "profile_interval", profileInterval, "at least 0");
    boolean some = profileSteps >= 1 && (profileInterval <= 0 || profileSteps <= profileInterval);
    faults.expect(some, "profile_steps", profileSteps, "1 to profile_interval");
    faults.expect(traceFiles >= 0, "trace_files", traceFiles, "at least 0");
    faults.throwIfAny();
  }

  /** A builder with the defaults. */
  public static WatchConfigBuilder builder() {
    return new WatchConfigBuilder();
  }

  /** Whether the memory in use is read after a step. */
  public boolean monitorsAfter(long step) {
    return memoryMonitorInterval > 0 && step % memoryMonitorInterval == 0;
  }

  /** Whether a step is profiled: each {@code profileInterval} steps, and those that follow. */
  public boolean profiles(long step) {
    return profileInterval > 0 && step >= profileInterval && placeInProfile(step) < profileSteps;
  }

  /** Whether a step is the last one of a profile. */
  public boolean endsProfileAfter(long step) {
    return profiles(step) && placeInProfile(step) == profileSteps - 1;
  }

  private long placeInProfile(long step) {
    return step % profileInterval;
  }
}
