// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.compute.Tensor;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;

/** Reads memory entries. */
@FunctionalInterface
interface MemoryReader {
  /** The entries of R indices (in any shape) as rows [R, width]. */
  Var read(Tape tape, Tensor indices);
}
