// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How a group of parameters is trained otherwise than the rest. What is null is not said: then the
 * group is treated as all are.
 *
 * @param learningRate before the schedule; 0 leaves the group as it is
 * @param weightDecay decoupled decay
 * @param clip largest norm of the gradient of this group alone, 0 for no limit
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GroupConfig(Double learningRate, Double weightDecay, Double clip) {
  /** Nothing is said. */
  public static final GroupConfig SAME = new GroupConfig(null, null, null);

  void check(Faults faults, String path) {
    notNegative(faults, path + ".learning_rate", learningRate);
    notNegative(faults, path + ".weight_decay", weightDecay);
    notNegative(faults, path + ".clip", clip);
  }

  private static void notNegative(Faults faults, String key, Double found) {
    if (found != null) {
      faults.notNegative(key, found);
    }
  }
}
