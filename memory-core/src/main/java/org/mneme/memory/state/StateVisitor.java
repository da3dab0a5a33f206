// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import org.mneme.compute.Tensor;

/** Receives the tensors of a state one by one. */
@FunctionalInterface
public interface StateVisitor {
  /**
   * Receives one tensor, which is valid during the call only.
   *
   * @param name unique within the state, in snake case with dots
   * @param tensor I32 or F32
   */
  void visit(String name, Tensor tensor);
}
