// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.mneme.model.parameters.ParameterGroup;

/**
 * The groups of parameters that are trained otherwise than the rest.
 *
 * @param embeddings of tokens, which are also the output matrix
 * @param matrices all but embeddings and those of memory gates
 * @param memoryGates projections to queries, and keys
 * @param norms weights and biases of norms
 * @param memoryValues learned entries
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record GroupsConfig(
    GroupConfig embeddings,
    GroupConfig matrices,
    GroupConfig memoryGates,
    GroupConfig norms,
    GroupConfig memoryValues) {
  /** Nothing is said of any group. */
  public static final GroupsConfig SAME = new GroupsConfig(null, null, null, null, null);

  /** Fills in the groups of which nothing is said. */
  public GroupsConfig {
    embeddings = orSame(embeddings);
    matrices = orSame(matrices);
    memoryGates = orSame(memoryGates);
    norms = orSame(norms);
    memoryValues = orSame(memoryValues);
  }

  private static GroupConfig orSame(GroupConfig group) {
    return group == null ? GroupConfig.SAME : group;
  }

  /** What is said of a group. */
  public GroupConfig of(ParameterGroup group) {
    return switch (group) {
      case EMBEDDING -> embeddings;
      case MATRIX -> matrices;
      case MEMORY_GATE -> memoryGates;
      case NORM -> norms;
      case MEMORY_VALUES -> memoryValues;
    };
  }

  /** Notes what is wrong, with keys that begin with {@code path}. */
  public void check(Faults faults, String path) {
    embeddings.check(faults, path + ".embeddings");
    matrices.check(faults, path + ".matrices");
    memoryGates.check(faults, path + ".memory_gates");
    norms.check(faults, path + ".norms");
    memoryValues.check(faults, path + ".memory_values");
  }
}
