// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What {@link Alarms} remember.
 *
 * @param active alarms that were told and are not over, by kind and subject
 * @param withoutGradient tensors that had no gradient when they were last looked at
 * @param highestUsage the highest share of the entries that a validation used
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AlarmState(List<String> active, List<String> withoutGradient, double highestUsage) {
  /** Nothing yet. */
  public static final AlarmState NEW = new AlarmState(List.of(), List.of(), 0);

  /** Copies the lists. */
  public AlarmState {
    active = List.copyOf(active);
    withoutGradient = List.copyOf(withoutGradient);
  }
}
