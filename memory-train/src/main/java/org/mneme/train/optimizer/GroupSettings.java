// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.mneme.model.parameters.ParameterGroup;

/**
 * What AdamW does with the parameters of a group.
 *
 * @param learningRate before the schedule; 0 leaves the group as it is, and out of every norm
 * @param weightDecay decoupled decay, at least 0
 * @param clip largest norm of the gradient of this group, 0 for no limit; empty if the group is
 *     clipped together with all others that have no limit of their own
 */
public record GroupSettings(double learningRate, double weightDecay, OptionalDouble clip) {

  /** Checks the ranges. */
  public GroupSettings {
    Objects.requireNonNull(clip, "clip");
    checkArgument(isNumber(learningRate), "learningRate is %s, expected >= 0", learningRate);
    checkArgument(isNumber(weightDecay), "weightDecay is %s, expected >= 0", weightDecay);
    checkArgument(isNumber(clip.orElse(0)), "clip is %s, expected >= 0", clip);
  }

  private static boolean isNumber(double value) {
    return value >= 0 && Double.isFinite(value);
  }

  /** Whether the parameters of the group ever change. */
  public boolean moves() {
    return learningRate > 0;
  }

  /**
   * All groups as they are if nothing else is said: matrices decay, norms and learned memory values
   * do not; values have their own learning rate; all are clipped together.
   */
  public static Map<ParameterGroup, GroupSettings> defaults(
      double learningRate, double memoryLearningRate, double weightDecay) {
    Map<ParameterGroup, GroupSettings> groups = new EnumMap<>(ParameterGroup.class);
    for (ParameterGroup group : ParameterGroup.values()) {
      boolean decays = group != ParameterGroup.NORM && group != ParameterGroup.MEMORY_VALUES;
      groups.put(
          group,
          new GroupSettings(
              group == ParameterGroup.MEMORY_VALUES ? memoryLearningRate : learningRate,
              decays ? weightDecay : 0,
              OptionalDouble.empty()));
    }
    return groups;
  }
}
