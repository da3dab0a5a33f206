// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

/** How the optimiser treats a parameter; those of one group lie side by side in the arena. */
public enum ParameterGroup {
  /** Token embeddings, which are also the output matrix: weight decay applies. */
  EMBEDDING,
  /** All other matrices but those of memory gates: weight decay applies. */
  MATRIX,
  /** Projections to queries and the keys that they are compared with: weight decay applies. */
  MEMORY_GATE,
  /** Norm weights and biases: no weight decay. */
  NORM,
  /** Learned memory values: own learning rate, no weight decay. */
  MEMORY_VALUES
}
