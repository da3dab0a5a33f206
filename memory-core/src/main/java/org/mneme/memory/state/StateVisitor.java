// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import org.mneme.compute.Tensor;

/**
 * Receives the parts of a state one by one, each under a name that is unique within the state, in
 * snake case with dots. What it is given stays as it is until the state changes next.
 */
public interface StateVisitor {
  /** Receives an I32 or F32 tensor. */
  void visit(String name, Tensor tensor);

  /** Receives integers that are kept on the host. */
  void visit(String name, int[] values);

  /** Receives single-precision numbers that are kept on the host. */
  void visit(String name, float[] values);

  /** Receives double-precision numbers that are kept on the host. */
  void visit(String name, double[] values);
}
