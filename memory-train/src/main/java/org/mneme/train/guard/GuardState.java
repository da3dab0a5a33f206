// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

/**
 * What a {@link TrainingGuard} remembers, so that a resumed training judges as one that was never
 * interrupted.
 *
 * @param spikes of losses and gradient norms
 * @param alarms of what is dead
 */
public record GuardState(SpikeState spikes, AlarmState alarms) {
  /** Checks that both are given. */
  public GuardState {
    Given.require(spikes, "spikes");
    Given.require(alarms, "alarms");
  }

  /** Nothing yet. */
  public static final GuardState NEW = new GuardState(SpikeState.NEW, AlarmState.NEW);
}
