// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

/** How the optimiser treats a parameter; those of one group lie side by side in the arena. */
public enum ParameterGroup {
  /** Matrices: weight decay applies. */
  MATRIX,
  /** Norm weights and biases: no weight decay. */
  NORM,
  /** Learned memory values: own learning rate, no weight decay. */
  MEMORY_VALUES
}
