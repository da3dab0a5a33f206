// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Maps;
import java.util.Map;
import java.util.Objects;
import org.mneme.model.parameters.ParameterGroup;

/**
 * What AdamW does with each group of parameters.
 *
 * @param groups of every kind
 * @param schedule the share of the learning rates at each step
 * @param embeddingSteps steps in which token embeddings move; {@link Long#MAX_VALUE} for all
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root of the second moment
 * @param memoryOptimizer which learned memory values a step moves
 * @param gradClip largest norm of the gradient of all groups that have no limit of their own; 0 for
 *     no limit
 */
public record OptimizerConfig(
    Map<ParameterGroup, GroupSettings> groups,
    LearningRateSchedule schedule,
    long embeddingSteps,
    double beta1,
    double beta2,
    double eps,
    MemoryOptimizer memoryOptimizer,
    double gradClip) {

  /** Checks that nothing is missing; {@code AdamWSettings} checks the ranges. */
  public OptimizerConfig {
    groups = Maps.immutableEnumMap(groups);
    for (ParameterGroup group : ParameterGroup.values()) {
      checkArgument(groups.containsKey(group), "groups is %s, expected %s too", groups, group);
    }
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(memoryOptimizer, "memoryOptimizer");
  }

  /**
   * The phase of a step.
   *
   * @param step from 1
   */
  public OptimizerPhase phase(long step) {
    return step <= embeddingSteps ? OptimizerPhase.ALL_MOVE : OptimizerPhase.EMBEDDINGS_STAY;
  }

  /** Whether a group moves in a phase. */
  public boolean moves(ParameterGroup group, OptimizerPhase phase) {
    boolean stays = group == ParameterGroup.EMBEDDING && phase == OptimizerPhase.EMBEDDINGS_STAY;
    return groups.get(group).moves() && !stays;
  }
}
