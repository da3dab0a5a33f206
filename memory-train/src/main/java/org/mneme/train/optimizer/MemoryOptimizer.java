// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

/** Which rows of learned memory values a step of AdamW moves. */
public enum MemoryOptimizer {
  /** All: AdamW as for every other parameter, whether or not a row was read. */
  DENSE,
  /**
   * Those that were read since the last step ("lazy Adam"): a row that was not read keeps its value
   * and its moments, where dense AdamW lets the moments decay and the value drift along the first
   * of them. Bias corrections count all steps, and the norm of the gradient is the same in both. A
   * step then costs what its reads cost, whatever the size of the memory.
   */
  LAZY
}
