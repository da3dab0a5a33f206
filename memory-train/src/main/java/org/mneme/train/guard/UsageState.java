// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What a {@link UsageAlarm} remembers; shares are those of {@link MemoryUse#share}.
 *
 * @param lowest the lowest share before the gate began to learn
 * @param best the highest share since then; 0 before
 * @param low validations in a row whose share was too low
 * @param lowSince step of the first of them
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record UsageState(double lowest, double best, int low, long lowSince) {
  /** Checks that shares are 0 to 1, and that neither count nor step is negative. */
  public UsageState {
    Given.range(lowest, "alarms.usage.lowest", 0, 1);
    Given.range(best, "alarms.usage.best", 0, 1);
    Given.range(low, "alarms.usage.low", 0, Integer.MAX_VALUE);
    Given.range((double) lowSince, "alarms.usage.low_since", 0, (double) Long.MAX_VALUE);
  }

  /** Nothing yet. */
  public static final UsageState NEW = new UsageState(1, 0, 0, 0);
}
