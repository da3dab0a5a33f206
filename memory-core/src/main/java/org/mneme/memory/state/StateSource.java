// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import java.util.Optional;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** Gives back the tensors of a state by name. */
public interface StateSource {
  /** The shape of a stored tensor; empty if there is none of that name. */
  Optional<Shape> shape(String name);

  /** Fills a tensor of the stored tensor's shape and dtype. */
  void read(String name, Tensor target);
}
