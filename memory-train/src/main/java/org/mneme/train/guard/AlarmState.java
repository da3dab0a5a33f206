// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What {@link Alarms} remember.
 *
 * @param active alarms that were told and are not over, by kind and subject
 * @param withoutGradient tensors that had no gradient when they were last looked at
 * @param usage what the use of the memory was
 */
// Checkpoints from before this name kept a use that was measured otherwise.
@JsonIgnoreProperties("highest_usage")
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AlarmState(List<String> active, List<String> withoutGradient, UsageState usage) {
  /** Nothing yet. */
  public static final AlarmState NEW = new AlarmState(List.of(), List.of(), UsageState.NEW);

  /** Copies the lists; a use that is not known is none yet. */
  public AlarmState {
    Given.elements(active, "alarms.active");
    Given.elements(withoutGradient, "alarms.without_gradient");
    active = List.copyOf(active);
    withoutGradient = List.copyOf(withoutGradient);
    usage = usage == null ? UsageState.NEW : usage;
  }
}
